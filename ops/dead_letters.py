"""Dead letters: looking at them, putting them back, and taking out a hopeless one.

All consumers of a concern share one dead-letter queue. A letter says from which consumer's queue it comes: the function
notes it, or SQS does where the queue gave the message up. A letter that the topic could not deliver says nothing.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

# Who reads a letter hides it from everybody else for so many seconds, should it not come to giving it back.
HOLD = 120
# What a queue takes in one call, attributes included.
MOST_BYTES = 250 * 1024
NO_REASON = "killed, timed out or never delivered: see the function's log"
REASON = ("error", "kind", "tries", "consumer")


@dataclass(frozen=True)
class Letter:
    """A message in a dead-letter queue."""

    raw: dict[str, Any]

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvents document in it, as far as it is one."""
        try:
            entry = json.loads(self.raw["Body"])
        except ValueError:
            return {}
        return entry if isinstance(entry, dict) else {}

    @property
    def id(self) -> str:
        """The message's own id, as in the logs; without one, the queue's."""
        return str(self.event.get("id") or self.raw["MessageId"])

    @property
    def queue(self) -> str:
        """The name of the queue from which it comes; empty for a letter that the topic could not deliver."""
        source: str = self.raw.get("Attributes", {}).get("DeadLetterQueueSourceArn", "")
        return self.reason("consumer") or source.rpartition(":")[2]

    @property
    def attributes(self) -> dict[str, Any]:
        entry: dict[str, Any] = self.raw.get("MessageAttributes", {})
        return entry

    def reason(self, name: str) -> str | None:
        """`error`, `kind` or `tries`, as the function noted it."""
        entry = self.attributes.get(name)
        return entry and str(entry["StringValue"])

    def row(self) -> list[str]:
        """id, type, subject, time, tries, kind, error."""
        event = [str(self.event.get(name, "-")) for name in ("type", "subject", "time")]
        return [
            self.id,
            *event,
            self.reason("tries") or "-",
            self.reason("kind") or "-",
            self.reason("error") or NO_REASON,
        ]

    def copy(self) -> dict[str, Any]:
        """All of it, for a file."""
        reason = {name: self.reason(name) for name in REASON}
        return {"id": self.id, "queue_id": self.raw["MessageId"], **reason, "body": self.raw["Body"]}


@dataclass
class DeadLetters:
    """The letters of one consumer while they are read; `queue` is its queue's name, None for the letters of all.

    At the end of the block the dead-letter queue has back each letter that was not removed.
    """

    sqs: Any
    url: str
    queue: str | None = None
    _hidden: dict[str, Letter] = field(default_factory=dict)
    _received: set[str] = field(default_factory=set)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for ten in _tens(list(self._hidden.values())):
            entries = [{**entry, "VisibilityTimeout": 0} for entry in _handles(ten)]
            self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)

    def __iter__(self) -> Iterator[list[Letter]]:
        """At most ten at a time, each once."""
        while True:
            letters = self._receive()
            self._hidden |= {letter.raw["MessageId"]: letter for letter in letters}
            if not letters or any(letter.raw["MessageId"] in self._received for letter in letters):
                return
            self._received |= {letter.raw["MessageId"] for letter in letters}
            yield [letter for letter in letters if self.queue in (None, letter.queue)]

    def _receive(self) -> list[Letter]:
        reply = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HOLD,
            WaitTimeSeconds=1,  # a poll that does not wait asks only some of the queue's servers
            MessageAttributeNames=["All"],
            AttributeNames=["DeadLetterQueueSourceArn"],
        )
        return [Letter(raw) for raw in reply.get("Messages", [])]

    def remove(self, letters: Sequence[Letter]) -> None:
        """Take them out for good. Raises LookupError for what the queue did not let go."""
        for ten in _tens(letters):
            reply = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=_handles(ten))
            if reply.get("Failed"):
                raise LookupError(f"{len(reply['Failed'])} of {len(ten)} letters could not be removed; try again.")
            for letter in ten:
                del self._hidden[letter.raw["MessageId"]]


@dataclass
class Redrive:
    """Puts letters back where they came from: at most `most`, none twice, of all or of those with these ids.

    `urls` says into which queues a letter goes. `queue` is as for DeadLetters.

    A letter is removed only after the queue took it again, so that an end at any moment loses none. It may double one,
    which consumers bear.
    """

    sqs: Any
    dead_url: str
    urls: Callable[[Letter], Sequence[str]]
    most: int
    queue: str | None = None
    ids: Collection[str] = ()
    redriven: int = 0
    refused: int = 0
    _bodies: set[str] = field(default_factory=set)

    def run(self) -> None:
        with DeadLetters(self.sqs, self.dead_url, self.queue) as dead:
            for letters in dead:
                for ten in _fitting(
                    [letter for letter in letters if self._wanted(letter)][: self.most - self.redriven]
                ):
                    self._move(dead, ten)
                if self.redriven >= self.most:
                    return

    def _wanted(self, letter: Letter) -> bool:
        # One that is here again has failed again meanwhile.
        new = letter.raw["MD5OfBody"] not in self._bodies
        return new and (not self.ids or bool({letter.id, letter.raw["MessageId"]} & set(self.ids)))

    def _move(self, dead: DeadLetters, letters: Sequence[Letter]) -> None:
        targets = {url for letter in letters for url in self.urls(letter)}
        refused = {number for number, letter in enumerate(letters) if not self.urls(letter)}
        for url in sorted(targets):
            refused |= self._send(url, {n: letter for n, letter in enumerate(letters) if url in self.urls(letter)})
        accepted = [letter for number, letter in enumerate(letters) if number not in refused]
        self._bodies |= {letter.raw["MD5OfBody"] for letter in letters}
        self.redriven += len(accepted)
        self.refused += len(refused)
        dead.remove(accepted)

    def _send(self, url: str, letters: Mapping[int, Letter]) -> set[int]:
        """The numbers of the letters that the queue refused."""
        entries = [
            {"Id": str(number), "MessageBody": letter.raw["Body"], "MessageAttributes": _without_reason(letter)}
            for number, letter in letters.items()
        ]
        reply = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        return set(letters) - {int(entry["Id"]) for entry in reply.get("Successful", [])}


def _without_reason(letter: Letter) -> dict[str, Any]:
    return {name: value for name, value in letter.attributes.items() if name not in REASON}


def _handles(letters: Sequence[Letter]) -> list[dict[str, str]]:
    return [{"Id": str(number), "ReceiptHandle": letter.raw["ReceiptHandle"]} for number, letter in enumerate(letters)]


def _tens(letters: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    for start in range(0, len(letters), 10):
        yield letters[start : start + 10]


def _fitting(letters: Sequence[Letter]) -> Sequence[Sequence[Letter]]:
    """In one call if they fit, else in one each."""
    if not letters:
        return []
    fit = sum(len(letter.raw["Body"].encode()) for letter in letters) <= MOST_BYTES
    return [letters] if fit else [[letter] for letter in letters]
