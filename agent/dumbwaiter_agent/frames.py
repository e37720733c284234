"""Frames of the print link: JSON text ↔ dict, checked for what either side relies on (docs/develop/print-link.md)."""

import json
import math
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

PROTOCOL = 1
# API Gateway closes a connection (1009) over a larger one.
MAX_FRAME_BYTES = 32 * 1024
MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
MAX_PARTS = 256
MAX_PRINTERS = 100
MAX_BUNDLED = 50
_HEAD, _TAIL = '{"type":"bundle","frames":[', "]}"

Frame = dict[str, Any]
Rule = Callable[[Any], bool]


class BadFrame(Exception):
    """A frame that cannot be acted on; `code` and `about` are what the other side is told."""

    def __init__(self, code: str, detail: str, about: str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.about = about


def _text(longest: int) -> Rule:
    return lambda value: isinstance(value, str) and len(value) <= longest


def is_id(value: Any) -> bool:
    """Whether it names a job, a printer, an agent or a journal."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value) is not None


def _whole(least: int, most: int = 2**53 - 1) -> Rule:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number(least: float, most: float) -> Rule:
    def rule(value: Any) -> bool:
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and least <= value <= most
        )

    return rule


def _one_of(*words: str) -> Rule:
    return lambda value: isinstance(value, str) and value in words


def _list_of(rule: Rule, most: int) -> Rule:
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(rule, value))


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _base64(value: Any) -> bool:
    try:
        return isinstance(value, str) and b64decode(value, validate=True) is not None
    except (NotBase64, ValueError):
        return False


def _digest(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _cursor(value: Any) -> bool:
    seq = _whole(0)
    return isinstance(value, dict) and len(value) <= MAX_PRINTERS and all(is_id(k) and seq(value[k]) for k in value)


def _machine_part(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{16,64}", value) is not None


_time = _number(0, 1e11)
_seq = _whole(1)
_code = _text(64)
_detail = _text(300)
_printer_state = {
    "printer": is_id,
    "state": _one_of("ready", "stopped", "unreachable", "mute", "unchecked"),
    "paper?": _one_of("ok", "low", "out"),
    "cover?": _one_of("closed", "open"),
    "error?": _one_of("none", "recoverable", "cutter", "unrecoverable"),
    "proof?": _one_of("echo", "fence", "status", "spooler", "none"),
    "trouble?": _text(64),
    "waiting?": _whole(0),
    "at?": _time,
}


def _printer(value: Any) -> bool:
    return isinstance(value, dict) and not _faults(value, _printer_state)


_bundle = {"frames": _list_of(_object, MAX_BUNDLED)}
_payload = {
    "bytes": _whole(1, MAX_PAYLOAD_BYTES),
    "sha256": _digest,
    "data?": _base64,
    "parts?": _whole(1, MAX_PARTS),
    "link?": _text(4096),
}


def _job_payload(value: Any) -> bool:
    if not isinstance(value, dict) or _faults(value, _payload):
        return False
    return sum(way in value for way in ("data", "parts", "link")) == 1


# Members with "?" may be missing (or null); members that are not named here are ignored.
FROM_AGENT: Mapping[str, Mapping[str, Rule]] = {
    "hello": {
        "protocol": _whole(1),
        "oldest": _whole(1),
        "agent": _text(64),
        "journal": is_id,
        "capabilities": _list_of(_text(32), 32),
        "printers": _list_of(_printer, MAX_PRINTERS),
        "cursor": _cursor,
        "platform?": _text(128),
        "machine?": _list_of(_machine_part, 16),
    },
    "ack": {"job": is_id},
    "refuse": {"job": is_id, "code": _code, "detail?": _detail},
    "begin": {"job": is_id},
    "progress": {"job": is_id, "state": _one_of("printing"), "at": _time, "held?": _code},
    "result": {
        "job": is_id,
        "state": _one_of("printed", "failed", "unknown", "expired", "cancelled"),
        "at": _time,
        "evidence?": _one_of("A", "B", "C", "D", "E"),
        "code?": _code,
        "detail?": _detail,
        "began?": _time,
        "written?": _whole(0),
        "copies?": _whole(0),
    },
    "printer": _printer_state,
    "beat": {},
    "bye": {"reason?": _text(64)},
    "error": {"code": _code, "detail?": _detail, "about?": _text(64), "job?": is_id},
    "bundle": _bundle,
}
FROM_RELAY: Mapping[str, Mapping[str, Rule]] = {
    "welcome": {
        "protocol": _whole(1),
        "time": _time,
        "heartbeat": _number(0.05, 540),
        "lifetime": _number(1, 7200),
        "role?": _one_of("printing", "standby"),
        "confirm?": _flag,
        "capabilities?": _list_of(_text(32), 32),
    },
    "job": {
        "job": is_id,
        "printer": is_id,
        "seq": _seq,
        "after?": _whole(0),
        "deadline": _time,
        "kind": _text(32),
        "payload": _job_payload,
        "interrupted?": _one_of("continue", "reprint"),
        "mark?": _base64,
    },
    "part": {"job": is_id, "part": _whole(0, MAX_PARTS - 1), "data": _base64},
    "go": {"job": is_id},
    "cancel": {"job": is_id, "printer?": is_id, "reason?": _code},
    "noted": {"jobs": _list_of(is_id, 400)},
    "role": {"role": _one_of("printing", "standby")},
    "ask": {},
    "reconnect": {"within": _number(0, 600)},
    "beat": {"time": _time},
    "error": {
        "code": _code,
        "detail?": _detail,
        "about?": _text(64),
        "job?": is_id,
        "time?": _time,
        "oldest?": _whole(1),
        "newest?": _whole(1),
    },
    "bundle": _bundle,
}


def decode(text: str | bytes, known: Mapping[str, Mapping[str, Rule]]) -> Frame:
    """The frame in `text`. Raises `BadFrame`; its code is `unknown_type` where only the type is not known."""
    if isinstance(text, bytes):
        raise BadFrame("not_text", "frames are text")
    # A character is one byte at least, so most that are too large are not even encoded.
    if len(text) > MAX_FRAME_BYTES or len(text.encode(errors="replace")) > MAX_FRAME_BYTES:
        raise BadFrame("too_large", f"a frame has at most {MAX_FRAME_BYTES} bytes")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("not_json", "a frame is one JSON object") from None
    return _checked(frame, known)


def opened(text: str | bytes, known: Mapping[str, Mapping[str, Rule]]) -> Iterator[Frame | BadFrame]:
    """The frame in `text`, or those of a bundle in their order, with its fault in the place of a bad one."""
    try:
        frame = decode(text, known)
    except BadFrame as fault:
        yield fault
        return
    if frame["type"] != "bundle":
        yield frame
        return
    alone = {kind: rules for kind, rules in known.items() if kind != "bundle"}
    for one in frame["frames"]:
        try:
            yield _checked(one, alone)
        except BadFrame as fault:
            yield fault


def bundled(texts: Sequence[str]) -> list[str]:
    """Encoded frames in as few as they fit in, in their order."""
    bundles: list[list[str]] = []
    room = 0
    for text in texts:
        if len(text) >= room or len(bundles[-1]) == MAX_BUNDLED:
            bundles.append([])
            room = MAX_FRAME_BYTES - len(_HEAD + _TAIL)
        bundles[-1].append(text)
        room -= len(text) + 1
    return [one[0] if len(one) == 1 else _HEAD + ",".join(one) + _TAIL for one in bundles]


def _checked(frame: Any, known: Mapping[str, Mapping[str, Rule]]) -> Frame:
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BadFrame("no_type", "a frame is one JSON object with a member `type`")
    about = frame["type"][:64]
    rules = known.get(frame["type"])
    if rules is None:
        raise BadFrame("unknown_type", "not known to this version", about)
    if faults := _faults(frame, rules):
        raise BadFrame("bad_member", ", ".join(faults)[:200], about)
    return frame


def encode(frame: Frame) -> str:
    """One line of JSON. Raises ValueError over 32 KiB: whoever builds frames keeps them small."""
    text = json.dumps(frame, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    if len(text) > MAX_FRAME_BYTES:
        raise ValueError(f"a {frame.get('type')} frame of {len(text)} bytes")
    return text


def without_nulls(**members: Any) -> Frame:
    """A frame of the members that are known."""
    return {name: value for name, value in members.items() if value is not None}


def _faults(frame: Mapping[str, Any], rules: Mapping[str, Rule]) -> list[str]:
    found = []
    for name, rule in rules.items():
        member = name.removesuffix("?")
        value = frame.get(member)
        if value is None:
            if not name.endswith("?"):
                found.append(f"{member} is missing")
        elif not rule(value):
            found.append(f"{member} is not as it should be")
    return found
