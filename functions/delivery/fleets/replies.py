"""Documents of fleets: JSON from outside, in which each value may be anything."""

import json
import math
import re
from typing import Any

from shared.kit.outside.exchange import Reply

LONGEST_DETAIL, LONGEST_NAME, LONGEST_PHONE, LONGEST_ID = 200, 100, 31, 128
LONGEST_WAIT = 3600.0
MOST_MONEY = 100_000_000


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object of a body, or None."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def value_at(document: object, *path: str) -> Any:
    """The value at a path, or None."""
    for step in path:
        document = document.get(step) if isinstance(document, dict) else None
    return document


def text_at(document: object, *path: str, longest: int = LONGEST_ID) -> str:
    """The text or number at a path, as one line of text. Empty where there is none."""
    value = value_at(document, *path)
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    return "".join(one for one in " ".join(str(value).split()) if one.isprintable())[:longest] if is_text else ""


def number_at(document: object, *path: str) -> float | None:
    """The finite number at a path, also one that is written as text."""
    try:
        number = float(text_at(document, *path))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def money_at(document: object, *path: str, scale: int = 1) -> int | None:
    """The amount at a path in the smallest unit, which is 1/`scale` of the amount's own. None for an impossible one."""
    number = number_at(document, *path)
    amount = round(number * scale) if number is not None and abs(number) <= MOST_MONEY else None
    return amount if amount is not None and 0 <= amount <= MOST_MONEY else None


def currency_at(document: object, *path: str) -> str:
    """The three letters of a currency at a path, in capitals. Empty for anything else."""
    text = text_at(document, *path).upper()
    return text if re.fullmatch("[A-Z]{3}", text) else ""


def place_of(lat: float | None, lon: float | None) -> tuple[float, float] | None:
    """The place, if both are degrees and it is not the origin, which stands for none."""
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):  # noqa: PLR2004
        return None
    return lat, lon


def wait_of(reply: Reply) -> float | None:
    """The seconds that the header Retry-After asks to wait, at most an hour."""
    number = number_at({"wait": reply.headers.get("retry-after", "")}, "wait")
    return min(max(number, 0.0), LONGEST_WAIT) if number is not None else None
