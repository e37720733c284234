"""The outbox: messages are stored with their transaction, published after it, and swept up when that failed.

Messages of one subject leave in the order of their `sequence`. The publisher holds a lease on the rows. The announcer
takes it in the inserting transaction, a later worker takes it by a claim. A lease ends after `LEASE`, so the sweeper
sends the messages of a killed function.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_json

from shared.contracts.ids import new_id
from shared.contracts.messages import MAX_MESSAGE_BYTES, MessageData, schema_of
from shared.spine import log
from shared.spine.aws import Aws
from shared.spine.clock import Clock
from shared.spine.db import Database, Row, Transaction
from shared.spine.errors import Misconfigured, Rejected, Unavailable

LEASE = timedelta(seconds=30)
# A lease must last for the publishing of one more batch, time-out included.
LEASE_MARGIN = timedelta(seconds=5)
# After a failure nobody waits for the broker again until this has passed; the sweeper keeps trying.
BREATHER = timedelta(seconds=10)
BATCH = 10
# What one claim leases: what is sent twice at the most, should the function be killed before it is marked.
CLAIM = 100

INSERT_MESSAGES = """
    INSERT INTO messages (id, subject, sequence, type, store_id, about, occurred_at, body, leased_until)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"""
# A condition for a statement of a concern that has its subject's row locked: see `Work.note_earlier_unsent`.
IS_UNSENT = "EXISTS (SELECT 1 FROM messages WHERE subject = %(subject)s AND sent_at IS NULL)"
EARLIER_UNSENT = "SELECT id FROM messages WHERE subject IN %s AND sent_at IS NULL LIMIT 1"
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
MARK_SENT = "UPDATE messages SET sent_at = %s WHERE id IN %s"
OLDEST_UNSENT = "SELECT COUNT(*) AS unsent, MIN(occurred_at) AS oldest FROM messages WHERE sent_at IS NULL"
# Of a subject, and of others' messages that are about it too; each subject in its own order.
TRACE = """
    SELECT id, subject, sequence, type, occurred_at, sent_at, body FROM messages
    WHERE subject = %(subject)s AND id >= %(since)s
    UNION ALL
    SELECT id, subject, sequence, type, occurred_at, sent_at, body FROM messages
    WHERE about = %(subject)s AND id >= %(since)s
    ORDER BY subject, sequence"""


@dataclass(frozen=True)
class Outgoing:
    """A message on its way out; `body` is the CloudEvents JSON."""

    id: str
    subject: str
    sequence: int
    type: str
    body: str


class Work(Transaction):
    """A transaction that can announce."""

    def __init__(self, transaction: Transaction, source: str, now: datetime, *, eager: bool) -> None:
        super().__init__(transaction.connection)
        self._source = source
        self._now = now
        self._eager = eager
        self._rows: list[tuple[Any, ...]] = []
        self.announced: list[Outgoing] = []
        self.leased_until: datetime | None = None
        self.committed: list[Callable[[], None]] = []
        self._earlier_unsent: dict[str, bool] = {}

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
        self.execute_many(INSERT_MESSAGES, [(*row, self.leased_until) for row in self._rows])

    def _fresh(self) -> bool:
        """Whether every subject began with this transaction, so that nothing of them can be unsent."""
        return not self._older_subjects()

    def _has_earlier_unsent(self) -> bool:
        subjects = self._older_subjects()
        if all(subject in self._earlier_unsent for subject in subjects):
            return any(self._earlier_unsent[subject] for subject in subjects)
        return self.row(EARLIER_UNSENT, (subjects,)) is not None

    def _older_subjects(self) -> tuple[str, ...]:
        first = {message.subject for message in self.announced if message.sequence == 1}
        return tuple({message.subject for message in self.announced} - first)


@dataclass
class _Sending:
    """The results of the batches before: ids that the topic accepted, and by subject the message that bars it.

    A batch of which nothing is taken may be one message at fault that went alone, or the topic itself may be. It is
    `doubted` until the next batch: when that is taken the message is `refused`, else the failure is raised.
    """

    accepted: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    doubted: dict[str, str] = field(default_factory=dict)
    failure: Misconfigured | None = None

    def open_of(self, batch: Iterable[Outgoing]) -> list[Outgoing]:
        """Those whose subject is not barred."""
        return [message for message in batch if message.subject not in self.refused | self.doubted]

    def answered(self, batch: Iterable[Outgoing], accepted: set[str]) -> None:
        """The topic took some or all of a batch."""
        self.accepted |= accepted
        self.refused |= {message.subject: message.id for message in batch if message.id not in accepted}
        if accepted:
            self.refused, self.doubted = self.refused | self.doubted, {}

    def doubt(self, batch: Iterable[Outgoing], failure: Misconfigured) -> None:
        """The topic took nothing of a batch. Raises the failure where the batch before went the same way."""
        if self.doubted:
            raise failure
        self.doubted, self.failure = {message.subject: message.id for message in batch}, failure

    def end(self) -> None:
        """Raises the failure where nothing at all was taken: nothing is postponed for it then."""
        if self.failure and not self.accepted:
            raise self.failure
        self.refused |= self.doubted


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
            sent += self._send(batches(claimed), min(until, self._clock() + LEASE - LEASE_MARGIN))
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
                self._send(chunks(work.announced), work.leased_until - LEASE_MARGIN)
            # Whoever announced while we were sending left it to us; whoever sends now will look again after us.
            subjects = tuple({message.subject for message in work.announced})
            while claimed := self._claim(DUE_OF_SUBJECTS, (subjects, self._clock()))[0]:
                self._send(batches(claimed), self._clock() + LEASE - LEASE_MARGIN)
        except (Unavailable, Misconfigured) as failure:
            self._rest_until = self._clock() + BREATHER
            log.logger().warning("publishing is left to the sweeper", extra={"error": str(failure)})
        except Exception as failure:  # noqa: BLE001 - the work is committed; its caller must hear so
            self._rest_until = self._clock() + BREATHER
            log.bug(failure, "publishing is left to the sweeper")

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
        claim = {"token": secrets.randbits(63), "ids": ids, "now": now, "leased_until": now + LEASE}
        if transaction.execute(CLAIM_MESSAGES, claim) == len(rows):
            return rows
        claimed_ids = {row["id"] for row in transaction.rows(CLAIMED, claim)}
        return [row for row in rows if row["id"] in claimed_ids]

    def _send(self, message_batches: Iterable[list[Outgoing]], until: datetime) -> int:
        """Publish batches, and mark the accepted messages. Later messages of a subject wait for a refused message."""
        sending = _Sending()
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
            self._mark(sending.accepted, sending.refused.values())
        return len(sending.accepted)

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

    def _mark(self, accepted: Collection[str], refused: Collection[str]) -> None:
        if not (accepted or refused):
            return
        now = self._clock()
        with self._db.transaction() as transaction:
            if accepted:
                transaction.execute(MARK_SENT, (now, tuple(accepted)))
            if refused:
                transaction.execute(POSTPONE, (now, now, tuple(refused)))
        for message_id in refused:
            log.logger().error("message refused", extra={"refused": message_id})


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


def batches(messages: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Batches that a topic takes: at most ten messages and `MAX_MESSAGE_BYTES`, no subject twice in one batch.

    A topic may refuse single entries of a batch. With one message per subject in each, and the subject's next one
    only in a later batch, none can overtake the one before it.
    """
    waves: dict[str, list[Outgoing]] = defaultdict(list)
    for message in messages:
        waves[message.subject].append(message)
    queues = [sorted(wave, key=lambda m: m.sequence) for wave in waves.values()]
    for depth in range(max(map(len, queues), default=0)):
        yield from chunks(queue[depth] for queue in queues if depth < len(queue))


def chunks(messages: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """As many as a topic takes at once: at most ten messages and `MAX_MESSAGE_BYTES`."""
    batch: list[Outgoing] = []
    size = 0
    for message in messages:
        weight = len(message.body.encode())
        if len(batch) == BATCH or size + weight > MAX_MESSAGE_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += weight
    if batch:
        yield batch
