"""The SQL of printers: their settings, their state, and the last number of their jobs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from functions.printing.tables.rows import with_utc
from functions.printing.ticket.records import Profile
from shared.spine.db import Row, Transaction

SELECT_PRINTER = """
    SELECT store_id, id, profile, backup, last_seq, agent_id, state, paper, cover, error, proof, trouble, reported_at,
        changed_at
    FROM print_printers"""
SELECT_PRINTERS = f"{SELECT_PRINTER} WHERE store_id = %(store_id)s ORDER BY id"
# Every transaction locks printers in one order, so that no two wait for each other.
LOCK_PRINTERS = f"{SELECT_PRINTER} WHERE store_id = %(store_id)s AND id IN %(ids)s ORDER BY id FOR UPDATE"
# A printer that comes back continues its numbers: agents remember the old ones.
INSERT_PRINTER = """
    INSERT INTO print_printers (store_id, id, profile, last_seq)
    SELECT %(store_id)s, %(id)s, %(profile)s, COALESCE(MAX(seq), 0) FROM print_jobs
    WHERE store_id = %(store_id)s AND printer = %(id)s
    ON DUPLICATE KEY UPDATE id = print_printers.id"""
UPDATE_SETTINGS = """
    UPDATE print_printers SET profile = %(profile)s, backup = %(backup)s
    WHERE store_id = %(store_id)s AND id = %(id)s"""
DELETE_PRINTER = "DELETE FROM print_printers WHERE store_id = %(store_id)s AND id = %(id)s"
UPDATE_STATE = """
    UPDATE print_printers SET agent_id = %(agent_id)s, state = %(state)s, paper = %(paper)s, cover = %(cover)s,
        error = %(error)s, proof = %(proof)s, trouble = %(trouble)s, reported_at = %(reported_at)s,
        changed_at = %(changed_at)s
    WHERE store_id = %(store_id)s AND id = %(id)s"""
UPDATE_LAST_SEQ = "UPDATE print_printers SET last_seq = %(last_seq)s WHERE store_id = %(store_id)s AND id = %(id)s"


@dataclass(frozen=True)
class Printer:
    """A printer with its settings and the state that its agent reported last."""

    store_id: str
    id: str
    profile: Profile
    # The printer for its jobs while it cannot print.
    backup: str | None
    # The number of its last job.
    last_seq: int
    # The agent that reported its state.
    agent_id: str | None
    # ready, stopped, unreachable, mute, unchecked; None before the first report.
    state: str | None
    # ok, low, out
    paper: str | None
    # closed, open
    cover: str | None
    # none, recoverable, cutter, unrecoverable
    error: str | None
    # The best evidence that it has given.
    proof: str | None
    # A code for other trouble, such as other_printer.
    trouble: str | None
    # The time of the last report.
    reported_at: datetime | None
    # Since when it can print, or cannot.
    changed_at: datetime | None

    @property
    def can_print(self) -> bool:
        """A printer without a report, or one that never answers, counts as one that can print."""
        return self.state in (None, "ready", "mute", "unchecked")


def read_printers(transaction: Transaction, store_id: str) -> dict[str, Printer]:
    """The printers of a store by id."""
    rows = transaction.rows(SELECT_PRINTERS, {"store_id": store_id})
    return {row["id"]: printer_from_row(row) for row in rows}


def lock_printer(transaction: Transaction, store_id: str, printer_id: str) -> Printer:
    """A printer, locked, so that its jobs are numbered and sent one after the other. A missing one is inserted."""
    return lock_printers(transaction, store_id, {printer_id})[printer_id]


def lock_printers(transaction: Transaction, store_id: str, printer_ids: Collection[str]) -> dict[str, Printer]:
    """As `lock_printer`, for several printers, by id."""
    printers = _lock_existing(transaction, store_id, printer_ids)
    if missing := sorted(set(printer_ids) - printers.keys()):
        for printer_id in missing:
            values = {"store_id": store_id, "id": printer_id, "profile": Profile().model_dump_json()}
            transaction.execute(INSERT_PRINTER, values)
        printers |= _lock_existing(transaction, store_id, missing)
    return printers


def _lock_existing(transaction: Transaction, store_id: str, printer_ids: Collection[str]) -> dict[str, Printer]:
    if not printer_ids:
        return {}
    rows = transaction.rows(LOCK_PRINTERS, {"store_id": store_id, "ids": tuple(printer_ids)})
    return {row["id"]: printer_from_row(row) for row in rows}


def update_printer_settings(
    transaction: Transaction, store_id: str, printer_id: str, profile: Profile, backup: str | None
) -> None:
    """Store the settings of a printer. A missing one is inserted."""
    lock_printer(transaction, store_id, printer_id)
    values = {"store_id": store_id, "id": printer_id, "profile": profile.model_dump_json(), "backup": backup}
    transaction.execute(UPDATE_SETTINGS, values)


def delete_printer(transaction: Transaction, store_id: str, printer_id: str) -> bool:
    """False for a printer that does not exist."""
    return transaction.execute(DELETE_PRINTER, {"store_id": store_id, "id": printer_id}) > 0


def update_printer_state(transaction: Transaction, printer: Printer) -> None:
    """Store the state that the agent reported."""
    transaction.execute(UPDATE_STATE, vars(printer) | {"profile": None})


def update_last_seq(transaction: Transaction, printer: Printer, count: int) -> range:
    """The next `count` numbers of a locked printer."""
    last_seq = printer.last_seq + count
    transaction.execute(UPDATE_LAST_SEQ, {"store_id": printer.store_id, "id": printer.id, "last_seq": last_seq})
    return range(printer.last_seq + 1, last_seq + 1)


def printer_from_row(row: Row) -> Printer:
    """The printer in a row of `SELECT_PRINTER`."""
    return Printer(**with_utc(row) | {"profile": Profile.model_validate_json(row["profile"])})
