"""The frames between a page and the console: docs/api/live.md describes them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from functions.console.live.topics import NAMES
from functions.console.live.watch import Wish
from shared.contracts.models import Input
from shared.contracts.text import Id
from shared.spine.errors import Rejected

MOST_BYTES = 32 * 1024
# Heads of a frame: at most 32 KB, which a gateway sends as one message.
MOST_HEADS = 80


class WatchIn(Input):
    """Topics of one chain. `stores` null means all stores that the client may see."""

    chain: Id
    stores: Annotated[list[Id] | None, Field(max_length=500)] = None
    topics: Annotated[list[Id], Field(min_length=1, max_length=20)]


class LiveIn(Input):
    """A frame of a page: `live` replaces what it watches, `ping` says that it is still open."""

    action: Literal["live", "ping"]
    watch: Annotated[list[WatchIn], Field(max_length=10)] = Field(default_factory=list)


def read_frame(text: str) -> LiveIn:
    """The frame in a text. Raises `Rejected` for what is no frame of a page."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise Rejected("frame_too_large", f"a frame has at most {MOST_BYTES} bytes")
    try:
        return LiveIn.model_validate_json(text)
    except (ValidationError, UnicodeError):
        raise Rejected("frame_malformed", "send an action of docs/api/live.md as JSON") from None


def wishes_of(frame: LiveIn) -> list[Wish]:
    """The wishes of the page. Raises `Rejected` for a chain that is named twice, or an unknown topic."""
    wishes = [
        Wish(watch.chain, None if watch.stores is None else tuple(watch.stores), tuple(dict.fromkeys(watch.topics)))
        for watch in frame.watch
    ]
    if len({wish.chain for wish in wishes}) < len(wishes):
        raise Rejected("chain_repeated", "name each chain once")
    if unknown := sorted({topic for wish in wishes for topic in wish.topics} - NAMES):
        raise Rejected("unknown_topic", f"there is no topic {unknown[0]}", extensions={"topics": sorted(NAMES)})
    return wishes


def watching(granted: Sequence[tuple[Wish, Sequence[str]]], now: datetime) -> str:
    """The answer to `live`: for each chain the topics that the page watches now, and those without right."""
    watch = [{"chain": wish.chain, "stores": wish.stores, "topics": list(topics)} for wish, topics in granted]
    refused = [
        {"chain": wish.chain, "topic": topic, "code": "not_allowed"}
        for wish, topics in granted
        for topic in wish.topics
        if topic not in topics
    ]
    return _text({"kind": "watching", "watch": watch, "refused": refused, "at": now.isoformat()})


def changes(heads: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Frames with heads, as few as possible."""
    for first in range(0, len(heads), MOST_HEADS):
        yield _text({"kind": "changes", "changes": heads[first : first + MOST_HEADS]})


def pong(now: datetime) -> str:
    """The answer to `ping`."""
    return _text({"kind": "pong", "at": now.isoformat()})


def error(code: str) -> str:
    """The answer to a frame that was refused."""
    return _text({"kind": "error", "code": code})


def bye(code: str) -> str:
    """The last frame of a connection: `session_ended`, `idle`, `forgotten` or `too_many`."""
    return _text({"kind": "bye", "code": code})


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
