"""The outbox: messages are stored with their transaction, published after it, and swept up when that failed.

Messages of one subject leave in the order of their `sequence`. The publisher holds a lease on the rows. The announcer
takes it in the inserting transaction, a later worker takes it by a claim. A lease ends after `LEASE`, so the sweeper
sends the messages of a killed function.

A message behind an unsent one waits for it. Its announcer marks the unsent row as followed, in its own transaction. The
publisher reads the mark when it stores that the message was sent, and only then looks for the messages behind it.
"""

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_json

from shared.contracts.ids import new_id
from shared.contracts.messages import MAX_MESSAGE_BYTES, MessageData, schema_of
from shared.spine import log
from shared.spine.aws import Aws
from shared.spine.batches import Outgoing, Sending, batches, chunks
from shared.spine.clock import Clock
from shared.spine.db import Database, Row, Transaction
from shared.spine.errors import Misconfigured, Rejected, Unavailable

LEASE = timedelta(seconds=30)
# A lease must last for the publishing of one more batch, time-out included.
LEASE_MARGIN = timedelta(seconds=5)
# After a failure nobody waits for the broker again until this has passed; the sweeper keeps trying.
BREATHER = timedelta(seconds=10)
# The publisher of an earlier message is storing that it was sent. Seconds until that is done, and looks at the most.
A_MOMENT = 0.05
LOOKS = 4
# What one claim leases: what is sent twice at the most, should the function be killed before it is marked.
CLAIM = 100

INSERT_MESSAGES = """
    INSERT INTO messages (id, subject, sequence, type, store_id, about, occurred_at, body, leased_until)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
# A condition for a statement of a concern that has its subject's row locked: see `Work.note_earlier_unsent`.
IS_UNSENT = "EXISTS (SELECT 1 FROM messages WHERE subject = %(subject)s AND sent_at IS NULL)"
EARLIER_UNSENT = "SELECT id, subject, sequence FROM messages WHERE subject IN %s AND sent_at IS NULL"
LOCK_UNSENT = "SELECT id FROM messages WHERE id IN %s AND sent_at IS NULL FOR UPDATE SKIP LOCKED"
# The token 0 says that a message of the same subject waits for this one. Only the announcer of this one reads it: a
# worker that claims looks again after each claim.
MARK_FOLLOWED = "UPDATE messages SET claim_token = 0 WHERE id IN %s"
# SKIP LOCKED lets a worker pass over rows that another worker holds. It decides nothing: TiDB ignores it.
DUE = """
    SELECT id, subject, sequence, type, body FROM messages
    WHERE sent_at IS NULL AND id > %s AND (leased_until IS NULL OR leased_until <= %s)
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"""
DUE_OF_SUBJECTS = """
    SELECT id, subject, sequence, type, body FROM messages
    WHERE subject IN %s AND sent_at IS NULL AND (leased_until IS NULL OR leased_until <= %s)
    ORDER BY id FOR UPDATE SKIP LOCKED"""
# This UPDATE decides which worker has a message. It waits for another worker's lock, and then reads the row again.
CLAIM_MESSAGES = """
    UPDATE messages FORCE INDEX (PRIMARY) SET claim_token = %(token)s, leased_until = %(leased_until)s
    WHERE id IN %(ids)s AND sent_at IS NULL AND (leased_until IS NULL OR leased_until <= %(now)s)"""
CLAIMED = "SELECT id FROM messages WHERE id IN %(ids)s AND claim_token = %(token)s"
UNSENT_OF_SUBJECTS = "SELECT id, subject, sequence FROM messages WHERE subject IN %s AND sent_at IS NULL"
RELEASE_MESSAGES = "UPDATE messages SET claim_token = NULL, leased_until = NULL WHERE id IN %s"
# A refused message waits as long again as it has waited, a minute at least and six hours at most.
POSTPONE = """
    UPDATE messages
    SET leased_until = %s + INTERVAL LEAST(GREATEST(TIMESTAMPDIFF(SECOND, occurred_at, %s), 60), 21600) SECOND
    WHERE id IN %s"""
# LAST_INSERT_ID says whether a message is followed by one that waits for it.
MARK_SENT = """
    UPDATE messages SET sent_at = %s, claim_token = IF(claim_token = 0, LAST_INSERT_ID(1), claim_token)
    WHERE id IN %s"""
OLDEST_UNSENT = "SELECT COUNT(*) AS unsent, MIN(occurred_at) AS oldest FROM messages WHERE sent_at IS NULL"
# Of a subject, and of others' messages that are about it too; each subject in its own order.
TRACE = """
    SELECT id, subject, sequence, type, occurred_at, sent_at, body FROM messages
    WHERE subject = %(subject)s AND id >= %(since)s
    UNION ALL
    SELECT id, subject, sequence, type, occurred_at, sent_at, body FROM messages
    WHERE about = %(subject)s AND id >= %(since)s
    ORDER BY subject, sequence"""


class Work(Transaction):
    """A transaction that can announce."""

    def __init__(self, transaction: Transaction, source: str, now: datetime, *, eager: bool) -> None:
        super().__init__(transaction.exchange)
        self._source = source
        self._now = now
        self._eager = eager
        self._rows: list[tuple[Any, ...]] = []
        self.announced: list[Outgoing] = []
        self.leased_until: datetime | None = None
        self.committed: list[Callable[[], None]] = []
        self._earlier_unsent: dict[str, bool] = {}
        self.overtaken = False

    def note_earlier_unsent(self, subject: str, *, unsent: bool) -> None:
        """Whether an earlier message of the subject is unsent, from a statement that read `IS_UNSENT`.

        The subject's row must be locked. It saves the statement that would ask.
        """
        self._earlier_unsent[subject] = unsent

    def then(self, call: Callable[[], None]) -> None:
        """Do this after the commit, before anything is published. It must not raise."""
        self.committed.append(call)

    def announce(
        self,
        data: MessageData,
        *,
        subject: str,
        sequence: int,
        store: str | None = None,
        about: str | None = None,
        text: str | None = None,
    ) -> None:
        """Keep a message with this transaction; it is published after the commit.

        `sequence` is the number of this message in its subject, from 1, kept by the subject's own row. `about` is a
        second subject whose trace has it too. `text` is the data as JSON, from a caller that has it. Raises
        `Rejected` when the message is larger than any queue carries.
        """
        message_id = new_id(self._now)
        head = {
            "specversion": "1.0",
            "id": message_id,
            "type": data.type,
            "source": f"/dumbwaiter/{self._source}",
            "subject": subject,
            "time": self._now.isoformat(),
            "datacontenttype": "application/json",
            "dataschema": schema_of(data.type),
            "sequence": sequence,
            "storeid": store,
        }
        body = f'{to_json(head).decode()[:-1]},"data":{text or data.model_dump_json()}}}'
        if len(body.encode()) > MAX_MESSAGE_BYTES:
            raise Rejected("too_large", "the order is too large for the systems that must read it")
        self._rows.append((message_id, subject, sequence, data.type, store, about, self._now, body))
        self.announced.append(Outgoing(message_id, subject, sequence, data.type, body))

    def keep_announced(self) -> None:
        """Insert what was announced: one statement, and one before it where the subject existed before.

        This process leases the rows and publishes them at once. Where an earlier message of the subject is unsent,
        the rows wait for it, and all leave in their order.
        """
        if not self.announced:
            return
        if self._eager and (self._fresh() or not self._has_earlier_unsent()):
            self.leased_until = self._now + LEASE
        self.execute_many_with_next(INSERT_MESSAGES, [(*row, self.leased_until) for row in self._rows])

    def _fresh(self) -> bool:
        """Whether every subject began with this transaction, so that nothing of them can be unsent."""
        return not self._older_subjects()

    def _has_earlier_unsent(self) -> bool:
        subjects = self._older_subjects()
        if not any(self._earlier_unsent.get(subject, True) for subject in subjects):
            return False
        last: dict[str, tuple[int, str]] = {}
        for row in self.rows(EARLIER_UNSENT, (subjects,)):
            last[row["subject"]] = max((row["sequence"], row["id"]), last.get(row["subject"], (0, "")))
        if last:
            self._follow([message_id for _, message_id in last.values()])
        return bool(last)

    def _follow(self, ids: Sequence[str]) -> None:
        """Mark the last unsent messages: who stores that they were sent looks for ours.

        A row that another worker has locked, or that was sent since, cannot be marked: then `overtaken` is set.
        """
        locked = [row["id"] for row in self.rows(LOCK_UNSENT, (tuple(ids),))]
        if locked:
            self.execute(MARK_FOLLOWED, (tuple(locked),))
        self.overtaken = len(locked) < len(ids)

    def _older_subjects(self) -> tuple[str, ...]:
        first = {message.subject for message in self.announced if message.sequence == 1}
        return tuple({message.subject for message in self.announced} - first)


class Outbox:
    """Publishes messages: at once after a commit, and everything that is due."""

    def __init__(self, db: Database, aws: Aws, topic: str, clock: Clock) -> None:
        self._db = db
        self._aws = aws
        self._topic = topic
        self._clock = clock
        self._rest_until: datetime | None = None

    @contextmanager
    def work(self, source: str) -> Iterator[Work]:
        """A transaction of the concern `source` whose announcements are kept, then published after the commit.

        A function that may not publish (it has no topic) leaves that to the sweeper.
        """
        now = self._clock()
        eager = bool(self._topic) and not (self._rest_until and now < self._rest_until)
        with self._db.transaction() as transaction:
            work = Work(transaction, source, now, eager=eager)
            yield work
            work.keep_announced()
        for call in work.committed:
            call()
        if eager and work.announced:
            self._publish_at_once(work)

    def send_due(self, until: datetime) -> int:
        """Publish everything that is due, oldest first, until `until`; how many messages left.

        Passes are made until one sends nothing: what had to wait for a message behind it goes in the next. Raises
        `Unavailable` when the broker does not take messages, `Misconfigured` when it takes none of ours; nothing is
        lost by that. A message that alone is refused is logged, and tried again after as long as it has waited.
        """
        sent = 0
        while passed := self._send_pass(until):
            sent += passed
        return sent

    def _send_pass(self, until: datetime) -> int:
        sent, after = 0, ""
        while self._clock() < until:
            claimed, last = self._claim(DUE, (after, self._clock(), CLAIM))
            if last is None:
                break
            sent += len(self._send(batches(claimed), min(until, self._clock() + LEASE - LEASE_MARGIN)).accepted)
            after = last
        return sent

    def unsent(self) -> tuple[int, float]:
        """(how many messages wait, seconds that the oldest has waited)."""
        with self._db.transaction() as transaction:
            row = transaction.row(OLDEST_UNSENT)
        assert row is not None  # an aggregate without GROUP BY has one row
        oldest = row["oldest"]
        waited = (self._clock().replace(tzinfo=None) - oldest).total_seconds() if oldest else 0.0
        return row["unsent"], max(waited, 0.0)

    def _publish_at_once(self, work: Work) -> None:
        """Best effort: the messages are safe, and the sweeper comes. Never fails the work that is done."""
        try:
            if work.leased_until:
                # Paper waits for the last of them: all in one call, in their order, which the topic may break only by
                # refusing one of them alone.
                sending = self._send(chunks(work.announced), work.leased_until - LEASE_MARGIN)
                if len(sending.accepted) == len(work.announced) and not sending.followed:
                    return
            self._send_waiting(work)
        except (Unavailable, Misconfigured) as failure:
            self._rest_until = self._clock() + BREATHER
            log.logger().warning("publishing is left to the sweeper", extra={"error": str(failure)})
        except Exception as failure:  # noqa: BLE001 - the work is committed; its caller must hear so
            self._rest_until = self._clock() + BREATHER
            log.bug(failure, "publishing is left to the sweeper")

    def _send_waiting(self, work: Work) -> None:
        """Send the messages of these subjects that wait for no other worker.

        Another announcer left its messages to this worker while this worker published. A worker that publishes now
        looks again later. One worker does not: it stored at the same moment that the message before these was sent.
        """
        subjects = tuple({message.subject for message in work.announced})
        looks = LOOKS if work.overtaken else 1
        while looks:
            if claimed := self._claim(DUE_OF_SUBJECTS, (subjects, self._clock()))[0]:
                self._send(batches(claimed), self._clock() + LEASE - LEASE_MARGIN)
                continue
            looks -= 1
            if looks:
                time.sleep(A_MOMENT)

    def _claim(self, due: str, values: Sequence[Any]) -> tuple[list[Outgoing], str | None]:
        """(the messages that this worker may send now, the last id that was due or None).

        No other worker has them until their lease ends. No unsent message of their subjects comes before them.
        """
        with self._db.transaction() as transaction:
            rows = transaction.rows(due, values)
            if not rows:
                return [], None
            claimed = self._claim_rows(transaction, rows)
            ready = _in_turn(claimed, transaction) if claimed else []
            if early := {row["id"] for row in claimed} - {message.id for message in ready}:
                transaction.execute(RELEASE_MESSAGES, (tuple(early),))
        return ready, rows[-1]["id"]

    def _claim_rows(self, transaction: Transaction, rows: list[Row]) -> list[Row]:
        """The rows that no other worker has claimed. All of them, where the server locked what it read."""
        now, ids = self._clock(), tuple(row["id"] for row in rows)
        claim = {"token": secrets.randbits(63) or 1, "ids": ids, "now": now, "leased_until": now + LEASE}
        if transaction.execute(CLAIM_MESSAGES, claim) == len(rows):
            return rows
        claimed_ids = {row["id"] for row in transaction.rows(CLAIMED, claim)}
        return [row for row in rows if row["id"] in claimed_ids]

    def _send(self, message_batches: Iterable[list[Outgoing]], until: datetime) -> Sending:
        """Publish batches, and mark the accepted messages. Later messages of a subject wait for a refused message."""
        sending = Sending()
        try:
            for batch in message_batches:
                if self._clock() > until:
                    break
                sendable = sending.open_of(batch)
                try:
                    sending.answered(sendable, self._publish(sendable))
                except Misconfigured as failure:
                    sending.doubt(sendable, failure)
            sending.end()
        finally:
            sending.followed = self._mark(sending.accepted, sending.refused.values())
        return sending

    def _publish(self, batch: Sequence[Outgoing]) -> set[str]:
        """The ids that the topic took. Where it refuses a batch as a whole, each message is tried alone."""
        if not batch:
            return set()
        try:
            return self._aws.publish(self._topic, [(m.id, m.type, m.body) for m in batch])
        except Misconfigured:
            if len(batch) == 1:
                raise
        accepted: set[str] = set()
        failure: Misconfigured | None = None
        for message in batch:
            try:
                accepted |= self._publish([message])
            except Misconfigured as refusal:
                failure = refusal
        if not accepted and failure:
            raise failure
        return accepted

    def _mark(self, accepted: Collection[str], refused: Collection[str]) -> bool:
        """Whether a message waits for one of the accepted messages."""
        if not (accepted or refused):
            return False
        now, followed = self._clock(), False
        with self._db.transaction() as transaction:
            if accepted:
                transaction.execute(MARK_SENT, (now, tuple(accepted)))
                followed = transaction.last_id() == 1
            if refused:
                transaction.execute(POSTPONE, (now, now, tuple(refused)))
        for message_id in refused:
            log.logger().error("message refused", extra={"refused": message_id})
        return followed


def _in_turn(claimed: Sequence[Row], transaction: Transaction) -> list[Outgoing]:
    """The claimed messages whose subjects have no earlier unsent message that another worker must send first."""
    claimed_ids = {row["id"] for row in claimed}
    subjects = tuple({row["subject"] for row in claimed})
    barrier: dict[str, int] = {}
    for row in transaction.rows(UNSENT_OF_SUBJECTS, (subjects,)):
        if row["id"] not in claimed_ids:
            barrier[row["subject"]] = min(row["sequence"], barrier.get(row["subject"], row["sequence"]))
    ready = [row for row in claimed if row["sequence"] < barrier.get(row["subject"], row["sequence"] + 1)]
    return [Outgoing(row["id"], row["subject"], row["sequence"], row["type"], row["body"]) for row in ready]
