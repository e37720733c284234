"""Options of a piece: those of the menu for the choices of a line, their price, and faults of option groups. Pure."""

from collections.abc import Iterator, Sequence
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


class Offer(NamedTuple):
    """The options on offer at one level: of the item, or within an option."""

    ungrouped: Sequence[MenuOption]
    groups: Sequence[OptionGroup]

    def named(self, choice: ChoiceIn) -> tuple[MenuOption | None, OptionGroup | None]:
        """The option of a choice, and its group. A choice without a group may name an option of any group."""
        if choice.group is None:
            for option in self.ungrouped:
                if option.id == choice.option:
                    return option, None
        for group in self.groups:
            if choice.group in (None, group.id):
                for option in group.options:
                    if option.id == choice.option:
                        return option, group
        return None, None


NO_OPTIONS = Offer((), ())
NOTHING_CHOSEN = Chosen([], 0)


class Chooser(NamedTuple):
    """Chooses options of one item in one size. `faults` collects the faults."""

    occasion: Occasion
    item: Item | None
    size: str | None
    faults: list[Fault]

    def of_piece(self, path: str, line: LineIn | PartIn) -> Chosen:
        """The options of a line or of a part. `path` is its path in the request."""
        named = line.options if isinstance(line, LineIn) else []
        item = self.item
        if not (named or line.choices or (item and item.groups)):
            return NOTHING_CHOSEN
        choices = [_choice_of(option) for option in named]
        paths = [f"{path}.options[{number}]" for number in range(len(named))]
        paths += [f"{path}.choices[{number}].option" for number in range(len(line.choices))]
        offer = Offer(item.options, item.groups) if item else NO_OPTIONS
        chosen = self._level([*choices, *line.choices], paths, offer)
        if line.choices or offer.groups:
            self.faults.extend(_quantity_faults(f"{path}.choices", offer, [*choices, *line.choices], len(named)))
        return chosen

    def _level(self, choices: Sequence[ChoiceIn], paths: Sequence[str], offer: Offer) -> Chosen:
        options: list[OptionFields] = []
        price: int | None = 0
        for choice, path in zip(choices, paths, strict=True):
            option, added = self._option(choice, path, offer)
            options.append(option)
            price = None if price is None or added is None else price + added * choice.quantity
        return Chosen(options, price)

    def _option(self, choice: ChoiceIn, path: str, offer: Offer) -> tuple[OptionFields, int | None]:
        """The option, and the price of one of it with the options within it."""
        option, group = offer.named(choice)
        within = NOTHING_CHOSEN
        if choice.choices or (option and option.groups and not choice.without):
            within = self._within(choice, path.removesuffix(".option"), option)
        if option is None:
            if self.item:
                self.faults.append(Fault(path, "unknown_option", "not an option of the item", choice.option))
            return _stored_option(choice, choice.option, 0, choice.group, within.options), None
        if self._is_sold_out(option) and not choice.without:
            self.faults.append(Fault(path, "sold_out", "sold out in this store for now", option.id))
        price = 0 if choice.without else option.price
        if option.prices_by_size and not choice.without:
            price = option.prices_by_size.get(self.size or "", price)
        made = _stored_option(choice, option.name, price, group.id if group else None, within.options)
        return made, None if within.price is None else price + within.price

    def _is_sold_out(self, option: MenuOption) -> bool:
        sold_out = self.occasion.store.sold_out
        return bool(sold_out and self.item and f"{self.item.id}/option/{option.id}" in sold_out)

    def _within(self, choice: ChoiceIn, path: str, option: MenuOption | None) -> Chosen:
        groups = option.groups if option and not choice.without else []
        paths = [f"{path}.choices[{number}].option" for number in range(len(choice.choices))]
        offer = Offer((), groups)
        if option:
            self.faults.extend(_quantity_faults(f"{path}.choices", offer, choice.choices, 0))
        return self._level(choice.choices, paths, offer)


@lru_cache(maxsize=1_000)
def _choice_of(option: str) -> ChoiceIn:
    return ChoiceIn(option=option)


def _stored_option(
    choice: ChoiceIn, name: str, price: int, group: str | None, within: list[OptionFields]
) -> OptionFields:
    option: OptionFields = {"id": choice.option, "name": name, "price": price}
    if choice.quantity == 1 and not (choice.without or within or group):
        return option
    return option | {"group": group, "quantity": choice.quantity, "without": choice.without, "options": within}


def _quantity_faults(path: str, offer: Offer, choices: Sequence[ChoiceIn], named: int) -> Iterator[Fault]:
    """Faults of the numbers of options, in a group and of each option. The first `named` choices were sent as ids.

    An option that was sent as an id, and has no group, is not counted: the difference `option_repeated` names it.
    """
    of_option: dict[tuple[str | None, str], tuple[MenuOption, int]] = {}
    of_group = {group.id: 0 for group in offer.groups}
    for number, choice in enumerate(choices):
        option, group = offer.named(choice)
        if option is None or choice.without or (number < named and group is None):
            continue
        key = (group.id if group else None, option.id)
        of_option[key] = (option, of_option.get(key, (option, 0))[1] + choice.quantity)
        if group:
            of_group[group.id] += choice.quantity
    for option, count in of_option.values():
        if count > option.max:
            yield Fault(
                path, "too_many_options", f"a piece takes at most {option.max} of {option.id}", count, option.max
            )
    for group in offer.groups:
        count = of_group[group.id]
        if count < group.min:
            yield Fault(path, "option_missing", f"group {group.id} needs at least {group.min}", count, group.min)
        if group.max is not None and count > group.max:
            yield Fault(path, "too_many_options", f"group {group.id} takes at most {group.max}", count, group.max)
