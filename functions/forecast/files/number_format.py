"""Numbers as people write them, such as 1,234.50 or 1.234,50 → text with digits and a decimal point.

One column has one decimal mark. It is taken if the values leave no doubt. Groups of digits are separated by the other
mark, by spaces or by apostrophes.
"""

import re
from collections.abc import Sequence

from shared.spine.errors import Rejected

POINT, COMMA = ".", ","
MARKS = {POINT: "point", COMMA: "comma"}
SEPARATORS = {POINT: COMMA, COMMA: POINT}  # of groups of digits, by the decimal mark
SPACES = "\u0020\u00a0\u2009\u202f'\u2019"  # French, SI and Swiss groups
PLAIN = re.compile(r"\s*[+-]?[0-9]+\s*")  # a whole number without marks says nothing about the decimal mark


def _pattern(mark: str) -> re.Pattern[str]:
    group = re.escape(SEPARATORS[mark])
    groups = [rf"[1-9][0-9]{{0,2}}(?:{separator}[0-9]{{3}})+" for separator in (group, *SPACES)]
    indian = [r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"] if mark == POINT else []
    integer = "|".join([*groups, *indian, "[0-9]+"])
    decimals = rf"{re.escape(mark)}[0-9]+"
    return re.compile(rf"[+-]?(?:(?:{integer})(?:{decimals}|{re.escape(mark)})?|{decimals})(?:[eE][+-]?[0-9]+)?")


PATTERNS = {mark: _pattern(mark) for mark in MARKS}


def with_decimal_point(values: Sequence[str | None], column: str) -> tuple[list[str | None], str]:
    """The values with a decimal point and without groups, and a note on how they were read; empty if as usual.

    Text that is no number stays as it is. Raises `Rejected` if the decimal mark is in doubt.
    """
    distinct = {value: value.strip() for value in dict.fromkeys(values) if value and not PLAIN.fullmatch(value)}
    mark = _decimal_mark(values, {text for text in distinct.values() if text}, column)
    changed = {value: _converted(text, mark) for value, text in distinct.items() if PATTERNS[mark].fullmatch(text)}
    changed = {value: text for value, text in changed.items() if text != distinct[value]}
    if not changed:
        return list(values), ""
    note = f"Column {column:.40} was read with a decimal {MARKS[mark]}: {next(iter(changed))!r:.40} is "
    return [
        changed.get(value, value) if value else value for value in values
    ], note + f"{next(iter(changed.values()))}."


def _decimal_mark(values: Sequence[str | None], texts: set[str], column: str) -> str:
    """The one mark that all numbers agree with. Raises `Rejected`."""
    matches = {mark: {text for text in texts if PATTERNS[mark].fullmatch(text)} for mark in MARKS}
    only = {mark: matches[mark] - matches[SEPARATORS[mark]] for mark in MARKS}
    if only[POINT] and only[COMMA]:
        point, comma = (_row_of(values, only[mark]) for mark in (POINT, COMMA))
        detail = f"rows {point[0]} and {comma[0]}: {point[1]!r:.40} and {comma[1]!r:.40} have different decimal marks"
        raise Rejected("number_formats_mixed", f"Column {column:.40}, {detail}. Use a decimal point in every row.")
    if only[POINT] or only[COMMA]:
        return POINT if only[POINT] else COMMA
    ambiguous = {text for text in matches[POINT] if _converted(text, POINT) != _converted(text, COMMA)}
    if ambiguous:
        row, text = _row_of(values, ambiguous)
        meanings = " or ".join(sorted((_converted(text, POINT), _converted(text, COMMA)), key=len))
        detail = f"row {row}: {text!r:.40} can be {meanings}"
        cure = "Write numbers without separators of thousands."
        raise Rejected("number_ambiguous", f"Column {column:.40}, {detail}. {cure}")
    return POINT


def _row_of(values: Sequence[str | None], texts: set[str]) -> tuple[int, str]:
    """The first row, from 1, with one of the texts, and this text."""
    return next((row, value.strip()) for row, value in enumerate(values, 1) if value and value.strip() in texts)


def _converted(text: str, mark: str) -> str:
    """The number with a decimal point; `text` matches the pattern of the mark."""
    groups = str.maketrans("", "", SPACES + SEPARATORS[mark])
    return text.translate(groups).replace(mark, POINT)
