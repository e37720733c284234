"""Lines of a sale in a form that can be stored: their texts, ids, choices, parts and discounts. Pure functions."""

from collections.abc import Mapping, Sequence

from functions.orders.pricing.cleaner import ELLIPSIS, MAX_TEXT, Cleaner
from functions.orders.pricing.order_request import ChoiceIn, LineDiscountIn, LineIn, PartIn, TaxIn
from shared.contracts.menu import MAX_DEPTH
from shared.contracts.messages.order_parts import LineKind
from shared.contracts.models import Input

MAX_ID = 64
# The codes of another system's menu may be any text. `price` names the codes that the store's menu lacks.
LINE_TEXTS = {"item": MAX_ID, "size": MAX_ID, "category": MAX_ID, "name": MAX_TEXT, "note": MAX_TEXT}
PART_TEXTS = {"part": MAX_ID, "item": MAX_ID, "size": MAX_ID, "name": MAX_TEXT, "note": MAX_TEXT}
CHOICE_TEXTS = {"group": MAX_ID, "option": MAX_ID}
DISCOUNT_TEXTS = {"code": MAX_TEXT, "reason": MAX_TEXT, "person": MAX_TEXT}
# Fields that can't be empty.
REQUIRED = {"item", "part", "option"}


def clean_line(cleaner: Cleaner, path: str, line: LineIn) -> LineIn:
    """The line in a form that can be stored; itself if nothing changes."""
    changed = clean_texts(cleaner, path, line, LINE_TEXTS)
    if line.options and (options := _options(cleaner, path, line.options)) != line.options:
        changed["options"] = options
    for name, clean in (("choices", _choices), ("parts", _parts), ("discounts", _discounts)):
        stated = getattr(line, name)
        if stated and (fields := clean(cleaner, f"{path}.{name}", stated)) != stated:
            changed[name] = fields
    changed |= _line_facts(cleaner, path, line)
    return line.model_copy(update=changed) if changed else line


def _line_facts(cleaner: Cleaner, path: str, line: LineIn) -> dict[str, object]:
    """The identifiers, kind, numbers and metadata of the line that change. Most lines have none of them."""
    changed: dict[str, object] = {}
    for name in ("id", "station", "tax_class"):
        stated = getattr(line, name)
        if stated is not None and (clean := cleaner.identifier(f"{path}.{name}", stated)) != stated:
            changed[name] = clean
    for name in ("weight", "seat"):
        if getattr(line, name) == 0:
            changed[name] = cleaner.positive(f"{path}.{name}", 0)
    if line.kind is not None and not isinstance(line.kind, LineKind):
        cleaner.note(f"{path}.kind", "unknown_kind", cleaner.text(f"{path}.kind", line.kind, MAX_ID))
        changed["kind"] = None
    if line.metadata and (metadata := cleaner.metadata(f"{path}.metadata", line.metadata)) != line.metadata:
        changed["metadata"] = metadata
    return changed


def clean_texts(cleaner: Cleaner, path: str, part: Input, limits: Mapping[str, int]) -> dict[str, object]:
    """The texts of a part that change, by field. `limits` has the largest length of each."""
    changed: dict[str, object] = {}
    for name, most in limits.items():
        text = getattr(part, name)
        if text is not None and not (text.isprintable() and 0 < len(text) <= most):
            clean = cleaner.text(f"{path}.{name}", text, most) or (ELLIPSIS if name in REQUIRED else None)
            if clean != text:
                changed[name] = clean
    return changed


def clean_tax(cleaner: Cleaner, path: str, tax: TaxIn) -> TaxIn:
    """A stated tax in a form that can be stored; itself if nothing changes."""
    changed = clean_texts(cleaner, path, tax, {"id": MAX_ID})
    return tax.model_copy(update=changed) if changed else tax


def _options(cleaner: Cleaner, path: str, options: Sequence[str]) -> list[str]:
    for index, option in enumerate(options):
        if option in options[:index]:
            cleaner.note(f"{path}.options[{index}]", "option_repeated", cleaner.text(path, option, MAX_ID))
    return [
        cleaner.text(f"{path}.options[{index}]", option, MAX_ID) or ELLIPSIS for index, option in enumerate(options)
    ]


def _choices(cleaner: Cleaner, path: str, choices: Sequence[ChoiceIn], depth: int = 1) -> list[ChoiceIn]:
    """The choices. Those within the deepest level stand beside it, so that the kitchen reads them."""
    clean: list[ChoiceIn] = []
    for number, choice in enumerate(choices):
        choice_path = f"{path}[{number}]"
        changed = clean_texts(cleaner, choice_path, choice, CHOICE_TEXTS)
        deeper: list[ChoiceIn] = []
        if choice.choices and depth < MAX_DEPTH:
            changed["choices"] = _choices(cleaner, f"{choice_path}.choices", choice.choices, depth + 1)
        elif choice.choices:
            cleaner.note(f"{choice_path}.choices", "choice_too_deep", depth + 1, MAX_DEPTH)
            deeper = _choices(cleaner, f"{choice_path}.choices", choice.choices, depth)
            changed["choices"] = []
        clean += [choice.model_copy(update=changed) if changed else choice, *deeper]
    return clean


def _parts(cleaner: Cleaner, path: str, parts: Sequence[PartIn]) -> list[PartIn]:
    clean: list[PartIn] = []
    for number, part in enumerate(parts):
        changed = clean_texts(cleaner, f"{path}[{number}]", part, PART_TEXTS)
        if part.choices:
            choices = _choices(cleaner, f"{path}[{number}].choices", part.choices)
            if choices != part.choices:
                changed["choices"] = choices
        clean.append(part.model_copy(update=changed) if changed else part)
    return clean


def _discounts(cleaner: Cleaner, path: str, discounts: Sequence[LineDiscountIn]) -> list[LineDiscountIn]:
    clean: list[LineDiscountIn] = []
    for number, discount in enumerate(discounts):
        changed = clean_texts(cleaner, f"{path}[{number}]", discount, DISCOUNT_TEXTS)
        clean.append(discount.model_copy(update=changed) if changed else discount)
    return clean
