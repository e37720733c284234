"""Batches of messages that a topic takes, and the results of publishing them. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.contracts.messages import MAX_MESSAGE_BYTES
from shared.spine.errors import Misconfigured

BATCH = 10


@dataclass(frozen=True)
class Outgoing:
    """A message on its way out; `body` is the CloudEvents JSON."""

    id: str
    subject: str
    sequence: int
    type: str
    body: str


@dataclass
class Sending:
    """The results of the batches before: ids that the topic accepted, and by subject the message that bars it.

    A batch of which nothing is taken may be one message at fault that went alone, or the topic itself may be. It is
    `doubted` until the next batch: when that is taken the message is `refused`, else the failure is raised.
    `followed`: another message waits for an accepted one.
    """

    accepted: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    doubted: dict[str, str] = field(default_factory=dict)
    failure: Misconfigured | None = None
    followed: bool = False

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
