"""Amounts, dates, reasons and names as the console writes them."""

# ruff: noqa: RUF001 - Chinese has punctuation of its own

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import walk

SCRIPT = Path(__file__).parent / "kit.mjs"

REASONS = "Saturday +32 %, a day before Good Friday +12 % (seen once), other -3 %"
ROWS = [
    {"tag": "tier", "none": False, "values": ["gold", "silver"]},
    {"tag": "item", "none": True, "values": ['6" sub, "hot"', "not"]},
]
WRITTEN = 'tier IN (gold, silver) AND item NOT IN ("6"" sub, ""hot""", "not")'
# The decimals are those of ISO 4217. The browser's own are none for HUF, COP, IDR, PKR, LBP and IRR.
CASES: list[tuple[str, list[Any], str, str]] = [
    ("money", [1_234_500, "HUF"], "en", "HUF 12,345.00"),
    ("money", [1_234_500, "COP"], "en", "COP 12,345.00"),
    ("money", [1_234_500, "IDR"], "en", "IDR 12,345.00"),
    ("money", [1_234_500, "PKR"], "en", "PKR 12,345.00"),
    ("money", [1_234_500, "LBP"], "en", "LBP 12,345.00"),
    ("money", [1_234_500, "IRR"], "en", "IRR 12,345.00"),
    ("money", [1_234_500, "KWD"], "en", "KWD 1,234.500"),
    ("money", [1_234_500, "JPY"], "en", "¥1,234,500"),
    ("money", [-1_325, "USD"], "en", "-$13.25"),
    ("money", [1_234_500, "CNY"], "zh", "¥12,345.00"),
    ("money", [123_456_700, "USD", {"compact": True}], "en", "$1.2M"),
    ("moneySum", [[{"amount": 100, "currency": "USD"}, {"amount": 5, "currency": "JPY"}]], "en", "¥5 + $1.00"),
    ("moneySum", [[]], "en", "\u2013"),
    ("percent", [0.085, {"sign": True}], "en", "+9%"),
    ("day", ["2026-02-28", "long"], "en", "Saturday, February 28, 2026"),
    ("day", ["2026-02-28", "long"], "zh", "2026年2月28日星期六"),
    ("time", ["2026-02-28T23:30:00Z", "Asia/Shanghai"], "zh", "7:30"),
    ("time", ["2026-02-28T23:30:00Z", "America/New_York"], "en", "6:30 PM"),
    ("dayOf", ["2026-12-01T02:00:00Z", "America/New_York"], "en", "2026-11-30"),
    ("dayOf", ["2026-11-30T23:30:00Z", "Asia/Shanghai"], "zh", "2026-12-01"),
    ("duration", [5_400], "en", "1 hr 30 min"),
    ("duration", [90_061], "en", "1 day 1 hr"),
    ("duration", [45], "zh", "45秒"),
    ("ago", ["2026-02-28T10:00:00Z", 1_772_272_980_000], "en", "3 minutes ago"),
    # The example of functions/forecast/engine/reasons.py, and its other forms.
    ("reasonsIn", [REASONS], "en", REASONS),
    ("reasonsIn", [REASONS], "zh", "周六 +32 %，耶稣受难日前 1 天 +12 %（仅出现过一次），其他 -3 %"),
    ("reasonsIn", ["2 days after Spring Festival -8 % (not seen before)"], "zh", "春节后 2 天 -8 %（首次出现）"),
    ("reasonsIn", ["the week before National Day +5 %, weather -4 %"], "zh", "国庆节前一周 +5 %，天气 -4 %"),
    ("reasonsIn", ["day 5 of Spring Festival +40 %"], "zh", "春节第 5 天 +40 %"),
    ("reasonsIn", ["Labor Day; Founder's Day +9 %"], "zh", "劳动节、Founder's Day +9 %"),
    ("reasonsIn", ["closed, by its opening hours"], "zh", "休息（按营业时间）"),
    ("reasonsIn", [""], "zh", ""),
    ("wordsOf", ["people.invite_person"], "en", "Invited a person"),
    ("wordsOf", ["people.invite_person"], "zh", "邀请人员"),
    ("wordsOf", ["tea.brew_a_pot"], "zh", "Brew a pot"),
    ("expressionOf", [ROWS], "en", WRITTEN),
    ("conditionsOf", [WRITTEN], "en", json.dumps(ROWS, separators=(",", ":"), ensure_ascii=False)),
    ("conditionsOf", ["tier = gold OR lapsed"], "en", "null"),
]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    calls = [(name, given, language) for name, given, language, _ in CASES]
    made: list[str] = json.loads(walk(SCRIPT, "", {"calls": calls}))
    return made


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case[0]}-{case[3]}" for case in CASES])
def test_a_value_is_written_as_people_write_it(number: int, texts: list[str]) -> None:
    assert texts[number] == CASES[number][3]
