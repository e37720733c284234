"""Options of a piece: those of the menu for the choices of a line, their price, and faults of option groups. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from functions.orders.pricing.occasion import Occasion
from functions.orders.pricing.order_request import ChoiceIn, LineIn, PartIn
from shared.contracts.menu import Item, MenuOption, OptionGroup
from shared.spine.errors import Fault

# The fields of an `Option`. A line is read from fields in one step, which takes a third of the time.
OptionFields = dict[str, Any]


class Chosen(NamedTuple):
    """The options of a piece, and their price. `price` is None when the menu lacks one of them."""

    options: list[OptionFields]
    price: int | None


# An option of the menu and its group. Both are None for an option that the menu lacks.
Entry = tuple[MenuOption | None, OptionGroup | None]


def option_named(choice: ChoiceIn, ungrouped: Sequence[MenuOption], groups: Sequence[OptionGroup]) -> Entry:
    """The option of a choice, and its group. A choice without a group may name an option of any group."""
    if choice.group is None:
        for option in ungrouped:
            if option.id == choice.option:
                return option, None
    for group in groups:
        if choice.group in (None, group.id):
            for option in group.options:
                if option.id == choice.option:
                    return option, group
    return None, None


class Level(NamedTuple):
    """The choices at one level of a line or part at `path`. The first `named` of them were sent as ids in `options`."""

    path: str
    choices: Sequence[ChoiceIn]
    named: int

    def path_of(self, number: int) -> str:
        """The path of a choice in the request."""
        if number < self.named:
            return f"{self.path}.options[{number}]"
        return f"{self.path}.choices[{number - self.named}].option"


NOTHING_CHOSEN = Chosen([], 0)


class Chooser(NamedTuple):
    """Chooses options of one item in one size. `faults` collects the faults."""

    occasion: Occasion
    item: Item | None
    size: str | None
    faults: list[Fault]

    def of_piece(self, path: str, line: LineIn | PartIn) -> Chosen:
        """The options of a line or of a part. `path` is its path in the request."""
        named = line.options if isinstance(line, LineIn) else ()
        item = self.item
        if not (named or line.choices or (item and item.groups)):
            return NOTHING_CHOSEN
        choices = [*map(_choice_of, named), *line.choices] if named else line.choices
        level = Level(path, choices, len(named))
        return self._level(level, item.options, item.groups) if item else self._level(level, (), ())

    def _level(self, level: Level, ungrouped: Sequence[MenuOption], groups: Sequence[OptionGroup]) -> Chosen:
        options: list[OptionFields] = []
        entries: list[Entry] = []
        price: int | None = 0
        for number, choice in enumerate(level.choices):
            entry = option, group = option_named(choice, ungrouped, groups)
            entries.append(entry)
            if option is None or self.occasion.store.sold_out:
                self._check(level, number, option)
            within = NOTHING_CHOSEN
            if choice.choices or (option and option.groups and not choice.without):
                within = self._within(level, number, option)
            fields = _option_fields(choice, option, group, self.size)
            if within.options:
                fields["options"] = within.options
            options.append(fields)
            if price is not None:
                known = option is not None and within.price is not None
                price = price + (fields["price"] + within.price) * choice.quantity if known else None
        if level.named < len(level.choices) or groups:
            self.faults.extend(_quantity_faults(level, entries, groups))
        return Chosen(options, price)

    def _check(self, level: Level, number: int, option: MenuOption | None) -> None:
        """Note an option that the menu lacks, or that is sold out."""
        choice, item = level.choices[number], self.item
        if item is None:
            return
        if option is None:
            fault = Fault(level.path_of(number), "unknown_option", "not an option of the item", choice.option)
            self.faults.append(fault)
        elif not choice.without and self.occasion.is_sold_out(item.id, "option", option.id):
            fault = Fault(level.path_of(number), "sold_out", "sold out in this store for now", option.id)
            self.faults.append(fault)

    def _within(self, level: Level, number: int, option: MenuOption | None) -> Chosen:
        choice = level.choices[number]
        path = level.path_of(number).removesuffix(".option")
        groups = option.groups if option and not choice.without else []
        return self._level(Level(path, choice.choices, 0), (), groups)


@lru_cache(maxsize=1_000)
def _choice_of(option: str) -> ChoiceIn:
    return ChoiceIn(option=option)


def _option_fields(
    choice: ChoiceIn, option: MenuOption | None, group: OptionGroup | None, size: str | None
) -> OptionFields:
    """The choice as the kitchen reads it. An option that the menu lacks has its id as name, and no price."""
    name = option.name if option else choice.option
    fields: OptionFields = {"id": choice.option, "name": name, "price": _price(choice, option, size)}
    if group or choice.group:
        fields["group"] = group.id if group else choice.group
    if choice.quantity != 1:
        fields["quantity"] = choice.quantity
    if choice.without:
        fields["without"] = True
    return fields


def _price(choice: ChoiceIn, option: MenuOption | None, size: str | None) -> int:
    if option is None or choice.without:
        return 0
    return option.prices_by_size.get(size or "", option.price) if option.prices_by_size else option.price


def _quantity_faults(level: Level, entries: Sequence[Entry], groups: Sequence[OptionGroup]) -> list[Fault]:
    """Faults of the numbers of options, in a group and of each option."""
    path = f"{level.path}.choices"
    faults: list[Fault] = []
    of_group: dict[str, int] = {}
    of_option: dict[int, tuple[MenuOption, int]] = {}
    for number, (choice, (option, group)) in enumerate(zip(level.choices, entries, strict=True)):
        # An option that was sent as an id, and has no group, is not counted: `option_repeated` names it.
        if option is None or choice.without or (group is None and number < level.named):
            continue
        key, count = id(option), choice.quantity
        if group is not None:
            of_group[group.id] = of_group.get(group.id, 0) + count
        of_option[key] = (option, count + of_option[key][1] if key in of_option else count)
    for option, count in of_option.values():
        if count > option.max:
            detail = f"a piece takes at most {option.max} of {option.id}"
            faults.append(Fault(path, "too_many_options", detail, count, option.max))
    for group in groups:
        count = of_group.get(group.id, 0)
        if count < group.min:
            detail = f"group {group.id} needs at least {group.min}"
            faults.append(Fault(path, "option_missing", detail, count, group.min))
        if group.max is not None and count > group.max:
            detail = f"group {group.id} takes at most {group.max}"
            faults.append(Fault(path, "too_many_options", detail, count, group.max))
    return faults
