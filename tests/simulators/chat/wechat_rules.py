"""Rules for the values of a template, from WeChat's public description of subscription messages."""

import re
from typing import Any

from tests.simulators.chat.fake import Refused

LONGEST = {
    "thing": 20, "number": 32, "letter": 32, "symbol": 5, "character_string": 32, "phrase": 5, "phone_number": 17,
    "car_number": 8, "name": 20, "amount": 13,
}  # fmt: skip
PATTERNS = {
    "number": r"[\d.]+",
    "letter": r"[A-Za-z]+",
    "character_string": r"[ -~]+",
    "phrase": r"[\u4e00-\u9fff]+",
    "amount": r"[¥$€￥]?[\d.,]+元?",
}


def check_values(data: dict[str, Any]) -> None:
    """Raises Refused for a value that is empty, too long, or of the wrong characters."""
    for name, field in data.items():
        kind = name.rstrip("0123456789").rstrip(".")
        value = str(field["value"])
        pattern = PATTERNS.get(kind)
        bad = not value or len(value) > LONGEST.get(kind, 200) or (pattern and not re.fullmatch(pattern, value))
        if bad:
            raise Refused("content", f"data.{name}.value invalid")
