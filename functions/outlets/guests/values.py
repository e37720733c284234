"""The values of a template: each field has a kind, and each kind has a longest length and its characters."""

import re
import unicodedata
from collections.abc import Mapping

from functions.outlets.channels.contract import Length, Unit
from functions.outlets.channels.text import clean, fitted

# developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/sendMessage.html
LONGEST = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "character_string": 32,
    "phrase": 5,
    "phone_number": 17,
    "car_number": 8,
    "name": 20,
    "amount": 13,
}
_OTHERS = {
    "number": re.compile(r"[^\d.]"),
    "letter": re.compile(r"[^A-Za-z]"),
    "character_string": re.compile(r"[^ -~]"),
    # A sign of a currency, digits, and 元 at the end. Letters of a currency are refused.
    "amount": re.compile(r"[^\d.¥￥$€£元]"),
    "phrase": re.compile(r"[^\u4e00-\u9fff]"),
}
_MOMENTS = frozenset({"date", "time"})
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CUT_BY_WORD = frozenset({"thing", "name", "symbol"})
LONGEST_OTHER = 200


def template_data(values: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The field `data` of a request: values without characters that the service refuses, within their length.

    A value that would be empty is a dash where the kind allows one. Raises ValueError where it does not.
    """
    return {name: {"value": fitting_value(name, value)} for name, value in values.items()}


def fitting_value(name: str, value: str) -> str:
    """The value for a field such as `thing1`. Raises ValueError for an empty one."""
    kind = re.sub(r"\d+$", "", name)
    if kind in _MOMENTS:
        value = _DAY.sub(r"\1年\2月\3日", value)
    text = re.sub(r"\s+", " ", clean(unicodedata.normalize("NFC", value))).strip()
    if kind in _OTHERS:
        text = _OTHERS[kind].sub("", text)
    longest = LONGEST.get(kind, LONGEST_OTHER)
    text = fitted(text, Length(longest, Unit.CHARACTERS)) if kind in _CUT_BY_WORD else text[:longest]
    if not text and kind in _CUT_BY_WORD | {"character_string"}:
        text = "-"
    if not text:
        raise ValueError(f"Field {name} has no value of its kind. Give it one.")
    return text
