"""Facts in a message, so that the functions of tags need not read them."""

from base64 import b64decode, b64encode
from collections.abc import Mapping

from functions.members.facts.totals import PARTS, Facts, StoredFacts
from functions.members.tables.tags import StoredTag
from shared.contracts.messages.members import FactsThen, StoredTagThen

# Characters. Each tag has a copy of the message in its queue. Larger facts are read from their table.
LARGEST = 16_000


def facts_then(stored: StoredFacts, tags: Mapping[str, StoredTag]) -> FactsThen | None:
    """The facts as a message carries them, with the member's stored tags by name. None if they are too large."""
    columns = {part: _text(column) for part, column in stored.facts.written().items()}
    if sum(map(len, columns.values())) > LARGEST:
        return None
    tags_then = {name: StoredTagThen(**tag._asdict()) for name, tag in tags.items()}
    return FactsThen(revision=stored.revision, tags=tags_then, **columns)


def facts_of_message(then: FactsThen) -> Facts:
    """The facts that a message carried."""
    row = {part: getattr(then, part) for part in PARTS}
    return Facts(row | {"days": b64decode(then.days)})


def _text(column: str | bytes) -> str:
    return b64encode(column).decode() if isinstance(column, bytes) else column
