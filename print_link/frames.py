"""Frames of the print link: JSON text ↔ dict, with the rules that both sides rely on (docs/develop/print-link.md)."""

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
Rules = Mapping[str, Mapping[str, Rule]]


class BadFrame(Exception):
    """A frame that breaks a rule. `code` and `about` go into the answer."""

    def __init__(self, code: str, detail: str, about: str | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.about = about

    def frame(self) -> Frame:
        """The answer to the side that sent it."""
        return without_nulls(type="error", code=self.code, detail=self.detail, about=self.about)


def _text(longest: int) -> Rule:
    return lambda value: isinstance(value, str) and len(value) <= longest and _is_unicode(value)


def _is_unicode(text: str) -> bool:
    """Half of a surrogate pair is JSON, but no database takes it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_id(value: Any) -> bool:
    """Whether the value may be the id of a job, a printer, an agent or a journal."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value) is not None


def _integer(least: int, most: int = 2**53 - 1) -> Rule:
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


def _any(_value: Any) -> bool:
    return True


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
    seq = _integer(0)
    return isinstance(value, dict) and len(value) <= MAX_PRINTERS and all(is_id(k) and seq(value[k]) for k in value)


def _trouble(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[!-~]{1,64}", value) is not None


def _machine_part(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{16,64}", value) is not None


_time = _number(0, 1e11)
_seq = _integer(1)
_code = _text(64)
_detail = _text(300)
_printer_state = {
    "printer": is_id,
    "state": _one_of("ready", "stopped", "unreachable", "mute", "unchecked"),
    "paper?": _one_of("ok", "low", "out"),
    "cover?": _one_of("closed", "open"),
    "error?": _one_of("none", "recoverable", "cutter", "unrecoverable"),
    "proof?": _one_of("echo", "fence", "status", "spooler", "none"),
    "trouble?": _trouble,
    "waiting?": _integer(0),
    "at?": _time,
}


def _printer(value: Any) -> bool:
    return isinstance(value, dict) and not _faults(value, _printer_state)


_bundle = {"frames": _list_of(_any, MAX_BUNDLED)}
_payload = {
    "bytes": _integer(1, MAX_PAYLOAD_BYTES),
    "sha256": _digest,
    "data?": _base64,
    "parts?": _integer(1, MAX_PARTS),
    "link?": _text(4096),
}


def _job_payload(value: Any) -> bool:
    if not isinstance(value, dict) or _faults(value, _payload):
        return False
    return sum(way in value for way in ("data", "parts", "link")) == 1


# Members with "?" may be missing (or null); members that are not named here are ignored.
FROM_AGENT: Rules = {
    "hello": {
        "protocol": _integer(1),
        "oldest": _integer(1),
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
        "written?": _integer(0),
        "copies?": _integer(0, 2**31 - 1),
    },
    "printer": _printer_state,
    "beat": {},
    "bye": {"reason?": _text(64)},
    "error": {"code": _code, "detail?": _detail, "about?": _text(64), "job?": is_id},
    "bundle": _bundle,
}
FROM_RELAY: Rules = {
    "welcome": {
        "protocol": _integer(1),
        "time": _time,
        "heartbeat": _number(0.05, 540),
        "lifetime": _number(1, 7200),
        "role?": _one_of("printing", "standby"),
        "confirm?": _flag,
        "epoch?": _integer(0),
        "capabilities?": _list_of(_text(32), 32),
    },
    "job": {
        "job": is_id,
        "printer": is_id,
        "seq": _seq,
        "after?": _integer(0),
        "deadline": _time,
        "kind": _text(32),
        "payload": _job_payload,
        "interrupted?": _one_of("continue", "reprint"),
        "mark?": _base64,
    },
    "part": {"job": is_id, "part": _integer(0, MAX_PARTS - 1), "data": _base64},
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
        "oldest?": _integer(1),
        "newest?": _integer(1),
    },
    "bundle": _bundle,
}


def decode(text: str | bytes, rules: Rules) -> Frame:
    """The frame in `text`. Raises `BadFrame`; its code is `unknown_type` if only the type is unknown."""
    if isinstance(text, bytes):
        raise BadFrame("not_text", "frames are text")
    # A character is one byte at least, so most that are too large are not even encoded.
    if len(text) > MAX_FRAME_BYTES or len(text.encode(errors="replace")) > MAX_FRAME_BYTES:
        raise BadFrame("too_large", f"a frame has at most {MAX_FRAME_BYTES} bytes")
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("not_json", "a frame is one JSON object") from None
    return _checked(frame, rules)


def decode_all(text: str | bytes, rules: Rules) -> Iterator[Frame | BadFrame]:
    """The frame in `text`, or those of a bundle in their order, with its fault in the place of a bad one."""
    try:
        frame = decode(text, rules)
    except BadFrame as fault:
        yield fault
        return
    if frame["type"] != "bundle":
        yield frame
        return
    inner_rules = {frame_type: members for frame_type, members in rules.items() if frame_type != "bundle"}
    for inner in frame["frames"]:
        try:
            yield _checked(inner, inner_rules)
        except BadFrame as fault:
            yield fault


def bundle(texts: Sequence[str]) -> list[str]:
    """Encoded frames in as few frames as they fit in, in their order."""
    bundles: list[list[str]] = []
    room = 0
    for text in texts:
        if len(text) >= room or len(bundles[-1]) == MAX_BUNDLED:
            bundles.append([])
            room = MAX_FRAME_BYTES - len(_HEAD + _TAIL)
        bundles[-1].append(text)
        room -= len(text) + 1
    return [inner[0] if len(inner) == 1 else _HEAD + ",".join(inner) + _TAIL for inner in bundles]


def _checked(frame: Any, rules: Rules) -> Frame:
    if not isinstance(frame, dict) or not isinstance(frame.get("type"), str):
        raise BadFrame("no_type", "a frame is one JSON object with a member `type`")
    about = frame["type"][:64]
    members = rules.get(frame["type"])
    if members is None:
        raise BadFrame("unknown_type", "this version does not know the type", about)
    if faults := _faults(frame, members):
        raise BadFrame("bad_member", ", ".join(faults)[:200], about)
    return frame


def encode(frame: Frame) -> str:
    """One line of JSON. Raises ValueError over 32 KiB, which is a bug of the sender."""
    text = json.dumps(frame, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    if len(text) > MAX_FRAME_BYTES:
        raise ValueError(f"a {frame.get('type')} frame of {len(text)} bytes")
    return text


def without_nulls(**members: Any) -> Frame:
    """A frame of the members that have a value."""
    return {name: value for name, value in members.items() if value is not None}


def _faults(frame: Mapping[str, Any], members: Mapping[str, Rule]) -> list[str]:
    faults = []
    for name, rule in members.items():
        member = name.removesuffix("?")
        value = frame.get(member)
        if value is None:
            if not name.endswith("?"):
                faults.append(f"{member} is missing")
        elif not rule(value):
            faults.append(f"{member} breaks its rule")
    return faults
