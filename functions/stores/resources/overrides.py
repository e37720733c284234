"""GET and PUT /v1/menus/{menu}/overrides/{scope}."""

from collections.abc import Callable, Iterator
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.stores.resources.chain_menus import AtQuery
from functions.stores.resources.menu_change import BeginsAt, MenuChange, MenuPath, chain_of, change_menu
from shared.contracts.chain_menus import read_bodies, read_versions, versions_at
from shared.contracts.menu import Item, Menu, check_price, check_price_list
from shared.contracts.menu_layers import CHAIN_LAYER, Override
from shared.contracts.models import Output
from shared.contracts.stores import find_store
from shared.contracts.text import IDENTIFIER
from shared.spine.errors import Fault, Rejected
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope


class OverridePath(MenuPath):
    """The part of the chain that an override is for."""

    scope: Annotated[
        str,
        StringConstraints(pattern=f"^(region|store):{IDENTIFIER}$"),
        Field(description="`region:REGION` or `store:STORE`."),
    ]


class OverrideIn(Override):
    """An override from a stated time on. It replaces the one before it; an empty one ends it."""

    begins_at: BeginsAt = None


class OverrideDocument(Output):
    """An override at a moment; null if there is none."""

    id: str
    chain: str
    scope: str
    override: Override | None


def get_override(call: Call, path: OverridePath, query: AtQuery) -> Reply:
    """The override that a region or a store has of the chain's menu."""
    chain, menu = chain_of(call.client, path.menu), path.menu.rpartition(":")[2]
    call.client.require("menu:read", _scope_of(call, path, chain))
    with call.env.db.snapshot() as transaction:
        versions = read_versions(transaction, chain, menu, [path.scope])
        present = versions_at(versions, query.at or call.env.clock())
        override = next(iter(read_bodies(transaction, chain, menu, present)), None)
    content = override if isinstance(override, Override) else None
    return Reply(OverrideDocument(id=menu, chain=chain, scope=path.scope, override=content))


def put_override(call: Call, path: OverridePath, body: OverrideIn) -> Reply:
    """Replace what a region or a store overrides of the chain's menu, from `begins_at` on."""
    scope = _scope_of(call, path, chain_of(call.client, path.menu))
    with change_menu(call, path, scope) as change:
        _require_references(change, body)
        override = body.model_dump_json(exclude_defaults=True, exclude={"begins_at"})
        change.begin(path.scope, override, body.begins_at)
    return change.reply


def _scope_of(call: Call, path: OverridePath, chain: str) -> Scope:
    """The part of the chain. A store is looked up, because a right over its region covers it."""
    level, _, name = path.scope.partition(":")
    if level == "region":
        return Scope(chain, name)
    with call.env.db.transaction() as transaction:
        return find_store(transaction, call.client, f"{chain}:{name}")


def _require_references(change: MenuChange, override: Override) -> None:
    """Raises `Rejected` for references that lead nowhere in every version of the menu from now on."""
    menus = [layer for layer in _layers_from_now_on(change, CHAIN_LAYER) if isinstance(layer, Menu)]
    added = _items_of_region(change) | {item.id: item for item in override.items}
    faults = [list(_faults_of(override, {item.id: item for item in menu.items}, added)) for menu in menus]
    if faults and all(faults):
        named = tuple(faults[-1])
        raise Rejected("body_invalid", f"{len(named)} fault(s) in the body; each is named", faults=named)


def _items_of_region(change: MenuChange) -> dict[str, Item]:
    """The items that the region of a store adds to the menu."""
    scope = change.scope
    overrides = _layers_from_now_on(change, f"region:{scope.region}") if scope.store else []
    return {item.id: item for override in overrides if isinstance(override, Override) for item in override.items}


def _layers_from_now_on(change: MenuChange, layer: str) -> list[Menu | Override]:
    """The present content of the layer, and its planned ones."""
    chain, menu, now = change.menu.chain, change.menu.id, change.now
    versions = read_versions(change.work, chain, menu, [layer])
    coming = [version for version in versions if version.begins_at > now]
    return read_bodies(change.work, chain, menu, [*versions_at(versions, now), *coming])


def _faults_of(override: Override, on_menu: dict[str, Item], added: dict[str, Item]) -> Iterator[Fault]:
    items = on_menu | added
    for number, item_id in enumerate(override.hidden):
        if item_id not in items:
            yield Fault(f"hidden[{number}]", "unknown_item", "not on the chain's menu", item_id)
    for number, price in enumerate(override.prices):
        path = f"prices[{number}]"
        if price.item not in items:
            yield Fault(f"{path}.item", "unknown_item", "not on the chain's menu", price.item)
        else:
            yield from _fault(path, check_price, price, items[price.item], "the override")
    for number, price_list in enumerate(override.price_lists):
        yield from _fault(f"price_lists[{number}]", check_price_list, price_list, items)


def _fault(path: str, validate: Callable[..., None], *arguments: object) -> Iterator[Fault]:
    try:
        validate(*arguments)
    except ValueError as failure:
        yield Fault(path, "unknown_reference", str(failure))
