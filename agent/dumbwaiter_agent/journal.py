"""The agent's memory, in SQLite: written before a job is acknowledged, before its first byte, after its proof.

WAL with synchronous=FULL: what was committed is there after the power came back. All calls from one thread.
"""

import json
import secrets
import sqlite3
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dumbwaiter_agent.jobs import Job, Outcome, State
from print_link.frames import Frame, without_nulls

# What came twice within this time is known to have come before.
REMEMBERED_SECONDS = 21 * 86_400
MOST_BYTES = 512 * 1024 * 1024
_PAGE = 4096

SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, printer TEXT NOT NULL, seq INTEGER NOT NULL, job TEXT NOT NULL, payload BLOB,
    state TEXT NOT NULL, kept REAL NOT NULL, began REAL, ended REAL, result TEXT, noted INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS jobs_open ON jobs (seq) WHERE state IN ('received', 'printing');
CREATE INDEX IF NOT EXISTS jobs_untold ON jobs (ended, id) WHERE noted = 0 AND result IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_ended ON jobs (ended) WHERE noted = 1;
CREATE TABLE IF NOT EXISTS cursors (printer TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
INSERT_JOB = """
INSERT INTO jobs (id, printer, seq, job, payload, state, kept, began) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING"""
UPSERT_CURSOR = """
INSERT INTO cursors (printer, seq) VALUES (?, ?) ON CONFLICT (printer) DO UPDATE SET seq = max(seq, excluded.seq)"""
MARK_BEGUN = "UPDATE jobs SET state = 'printing', began = ? WHERE id = ? AND state = 'received'"
MARK_NOT_BEGUN = "UPDATE jobs SET state = 'received', began = NULL WHERE id = ? AND state = 'printing'"
MARK_ENDED = """
UPDATE jobs SET state = ?, ended = ?, result = ?, payload = NULL WHERE id = ? AND state IN ('received', 'printing')"""
SELECT_STATE = "SELECT state, result FROM jobs WHERE id = ?"
SELECT_BEGAN = "SELECT began FROM jobs WHERE id = ?"
SELECT_BEGUN = "SELECT id FROM jobs WHERE state = 'printing'"
SELECT_WAITING = "SELECT job FROM jobs WHERE state = 'received' ORDER BY seq"
SELECT_PAYLOAD = "SELECT payload FROM jobs WHERE id = ?"
SELECT_UNTOLD = """
SELECT result FROM jobs WHERE noted = 0 AND result IS NOT NULL AND (ended, id) > (?, ?) ORDER BY ended, id LIMIT ?"""
MARK_NOTED = "UPDATE jobs SET noted = 1 WHERE id = ? AND result IS NOT NULL"
DELETE_OLD = "DELETE FROM jobs WHERE noted = 1 AND ended < ?"
UPSERT_FACT = "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class JournalFull(Exception):
    """There is no room for another job; nothing was kept."""


class JournalDamaged(Exception):
    """The file is no journal any more."""


class IllegalMove(Exception):
    """The job is not in the state that the move starts from."""


class Journal:
    """Jobs that were received, and what became of them. Times are seconds since 1970, by the relay's clock."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Opens or makes it, for this process alone. Raises `JournalDamaged`, or sqlite3.OperationalError if in use."""
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=1)
        self._most_pages = most_bytes // _PAGE
        try:
            self._open()
        except sqlite3.OperationalError:
            self._db.close()
            raise
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise JournalDamaged(str(error)) from error

    def _open(self) -> None:
        # Held by one process: two agents on one journal would print everything twice.
        for pragma in (
            "locking_mode = EXCLUSIVE",
            "auto_vacuum = INCREMENTAL",
            "journal_mode = WAL",
            "synchronous = FULL",
            "cache_size = -2000",
        ):
            self._db.execute(f"PRAGMA {pragma}").fetchall()
        if self._db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("quick_check found damage")
        self._db.executescript(SCHEMA)
        if self.fact("journal") is None:
            self.set_fact("journal", secrets.token_hex(16))

    @property
    def id(self) -> str:
        """Made with the file. Another one tells the relay that what was acknowledged before is forgotten."""
        return self.fact("journal") or ""

    def close(self) -> None:
        """Everything is on disk before, too."""
        self._db.close()

    # Jobs in

    def keep(self, job: Job, payload: bytes, cursor: int, now: float, *, begun: bool = False) -> State | None:
        """Write a job down. Its earlier state if the job was there: that copy stays. Raises `JournalFull`.

        `cursor` is the printer's cursor before this job: behind the truth is safe, ahead of it is not. `begun`: as
        begun already; one write to the disk less between a guest and their paper than `begin` afterwards.
        """
        if self._pages() > self._most_pages:
            raise JournalFull(f"{self._pages()} pages are in use")
        try:
            with self._transaction():
                self._db.execute(UPSERT_CURSOR, (job.printer, cursor))
                state, began = (State.PRINTING, now) if begun else (State.RECEIVED, None)
                row = (job.id, job.printer, job.seq, _document(job), payload, state, now, began)
                if self._db.execute(INSERT_JOB, row).rowcount:
                    return None
                return State(self._row(SELECT_STATE, job.id)[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise JournalFull(str(error)) from error
            raise

    def withdraw(self, job_id: str, printer: str, now: float) -> State:
        """Cancel a job that is not begun, and one that has not come yet. The state it is in then."""
        tombstone = Job(job_id, printer, 0, None, 0, "withdrawn")
        with self._transaction():
            self._db.execute(INSERT_JOB, (job_id, printer, 0, _document(tombstone), None, State.RECEIVED, now, None))
            state = State(self._row(SELECT_STATE, job_id)[0])
            if state is not State.RECEIVED:
                return state
            self._end(job_id, Outcome(State.CANCELLED, code="withdrawn"), now)
            return State.CANCELLED

    def _pages(self) -> int:
        count, free = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
        return int(count - free)

    # Jobs on their way

    def payload(self, job_id: str) -> bytes:
        """The bytes to print."""
        return bytes(self._row(SELECT_PAYLOAD, job_id)[0] or b"")

    def begin(self, job_id: str, now: float) -> None:
        """Before the first byte. Raises `IllegalMove` if it was begun before, or has ended."""
        with self._transaction():
            if not self._db.execute(MARK_BEGUN, (now, job_id)).rowcount:
                raise IllegalMove(f"{job_id} cannot begin")

    def put_back(self, job_id: str) -> None:
        """Not begun after all: not one byte was written."""
        with self._transaction():
            self._db.execute(MARK_NOT_BEGUN, (job_id,))

    def end(self, job_id: str, outcome: Outcome, now: float) -> Frame:
        """How it ended, for good. The `result` frame. Raises `IllegalMove` if it has ended before."""
        with self._transaction():
            return self._end(job_id, outcome, now)

    def _end(self, job_id: str, outcome: Outcome, now: float) -> Frame:
        now = round(now, 3)
        result = without_nulls(
            type="result",
            job=job_id,
            at=now,
            began=self._row(SELECT_BEGAN, job_id)[0],
            **{name: value for name, value in asdict(outcome).items() if value},
        )
        values = (outcome.state, now, json.dumps(result), job_id)
        if not self._db.execute(MARK_ENDED, values).rowcount:
            raise IllegalMove(f"{job_id} has ended before")
        return result

    def recover(self, now: float) -> list[str]:
        """After a start: jobs that began and did not end become unknown. Their ids."""
        with self._transaction():
            begun = [row[0] for row in self._db.execute(SELECT_BEGUN)]
            for job_id in begun:
                detail = "the agent stopped between the first byte and the proof"
                self._end(job_id, Outcome(State.UNKNOWN, code="agent_stopped", detail=detail), now)
            return begun

    # Reading

    def waiting(self) -> list[Job]:
        """Jobs that have not begun, in order."""
        return [_job(row[0]) for row in self._db.execute(SELECT_WAITING)]

    def cursors(self) -> dict[str, int]:
        """By printer: everything the relay sent up to this `seq` was kept."""
        return dict(self._db.execute("SELECT printer, seq FROM cursors"))

    def result(self, job_id: str) -> Frame | None:
        """The `result` frame of a job that has ended."""
        row = self._db.execute(SELECT_STATE, (job_id,)).fetchone()
        return json.loads(row[1]) if row and row[1] else None

    def unnoted(self, limit: int = 200, after: tuple[float, str] = (-1.0, "")) -> list[Frame]:
        """`result` frames that the relay has not noted, oldest first. `after`: `at` and `job` of one told before."""
        return [json.loads(row[0]) for row in self._db.execute(SELECT_UNTOLD, (*after, limit))]

    def note(self, job_ids: Iterable[str]) -> None:
        """The relay has their results."""
        with self._transaction():
            self._db.executemany(MARK_NOTED, [(job_id,) for job_id in job_ids])

    # Keeping house

    def prune(self, now: float, remembered: float = REMEMBERED_SECONDS) -> int:
        """Forget what ended, and was noted, so many seconds ago. How many."""
        with self._transaction():
            deleted = self._db.execute(DELETE_OLD, (now - remembered,)).rowcount
        self._db.execute("PRAGMA incremental_vacuum").fetchall()
        return deleted

    def fact(self, name: str) -> str | None:
        """A named text, or None."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set_fact(self, name: str, value: str) -> None:
        """Keep a named text."""
        with self._transaction():
            self._db.execute(UPSERT_FACT, (name, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _row(self, query: str, job_id: str) -> Any:
        row = self._db.execute(query, (job_id,)).fetchone()
        if row is None:
            raise IllegalMove(f"{job_id} is not in the journal")
        return row


def open_journal(path: Path, **options: Any) -> Journal:
    """The journal at `path`; one that is damaged is put aside, and a new one begun."""
    try:
        return Journal(path, **options)
    except JournalDamaged:
        _put_aside(path, f"damaged-{int(time.time())}")
        return Journal(path, **options)


def journal_of(path: Path, agent: str) -> Journal:
    """The journal at `path`, where it is this agent's; another one's is put aside: its jobs are not ours to print."""
    journal = open_journal(path)
    if (owner := journal.fact("agent") or agent) != agent:
        journal.close()
        _put_aside(path, f"of-{owner}")
        journal = open_journal(path)
    if journal.fact("agent") is None:
        journal.set_fact("agent", agent)
    return journal


def _put_aside(path: Path, why: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(path.with_name(f"{path.name}.{why}{suffix}"))


def _document(job: Job) -> str:
    return json.dumps({**asdict(job), "mark": b64encode(job.mark).decode()})


def _job(text: str) -> Job:
    members = json.loads(text)
    return Job(**{**members, "mark": b64decode(members["mark"])})
