"""Dates as people write them, such as 31/01/2026 or 31.1.2026 → ISO 8601.

One column has one order of day and month. It is taken if the values leave no doubt.
"""

import re
from collections.abc import Sequence
from datetime import date

from functions.forecast.engine.data.history import DATE
from shared.spine.errors import Rejected

ISO = re.compile(DATE)
TIME = r"(?:[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp][Mm])?)?"
YEAR_FIRST = re.compile(rf"([0-9]{{4}})([-/.年])([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?{TIME}")
YEAR_LAST = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2([0-9]{{4}}){TIME}")
DAY_FIRST, MONTH_FIRST = "day, month, year", "month, day, year"
CURE = "Write dates such as 2026-01-31."


def as_iso_dates(values: Sequence[str | None], column: str) -> tuple[list[str | None], str]:
    """The values as ISO dates, and a note on how they were read; empty if they are ISO dates.

    Text that is no date stays as it is. Raises `Rejected` if the order of day and month is in doubt.
    """
    texts = {value: value.strip() for value in dict.fromkeys(values) if value and not ISO.match(value.strip())}
    if not texts:
        return list(values), ""
    year_first = {value: day for value, text in texts.items() if (day := _year_first(text))}
    both = {value: days for value, text in texts.items() if any(days := _year_last(text))}
    order = _order(values, both, column)
    year_last = {value: day for value, days in both.items() if (day := days[order == MONTH_FIRST])}
    changed = {value: day.isoformat() for value, day in (year_first | year_last).items()}
    if not changed:
        return list(values), ""
    name = order if year_last else "year, month, day"
    note = f"Column {column:.40} was read as {name}: {next(iter(changed))!r:.40} is {next(iter(changed.values()))}."
    return [changed.get(value, value) if value else value for value in values], note


def _order(values: Sequence[str | None], both: dict[str, tuple[date | None, date | None]], column: str) -> str:
    """The order that all dates agree with. Raises `Rejected`."""
    only_day_first = {value for value, days in both.items() if days[1] is None}
    only_month_first = {value for value, days in both.items() if days[0] is None}
    if only_day_first and only_month_first:
        rows = [_row_of(values, texts) for texts in (only_day_first, only_month_first)]
        detail = " and ".join(f"row {row} has {text!r:.40}" for row, text in rows)
        raise Rejected("dates_mixed", f"Column {column:.40}: {detail}, in different orders. {CURE}")
    if only_day_first or only_month_first:
        return DAY_FIRST if only_day_first else MONTH_FIRST
    if ambiguous := {value for value, days in both.items() if days[0] != days[1]}:
        row, text = _row_of(values, ambiguous)
        meanings = " or ".join(f"{day:%Y-%m-%d}" for day in both[text] if day)
        raise Rejected("date_ambiguous", f"Column {column:.40}, row {row}: {text!r:.40} can be {meanings}. {CURE}")
    return DAY_FIRST


def _row_of(values: Sequence[str | None], texts: set[str]) -> tuple[int, str]:
    """The first row, from 1, with one of the texts, and this text."""
    return next((row, value) for row, value in enumerate(values, 1) if value in texts and value)


def _year_first(text: str) -> date | None:
    match = YEAR_FIRST.fullmatch(text)
    return _day(match[1], match[3], match[4]) if match else None


def _year_last(text: str) -> tuple[date | None, date | None]:
    """The day if the text begins with the day, and if it begins with the month. With dots, the day is first."""
    match = YEAR_LAST.fullmatch(text)
    if match is None:
        return None, None
    month_first = None if match[2] == "." else _day(match[4], match[1], match[3])
    return _day(match[4], match[3], match[1]), month_first


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
