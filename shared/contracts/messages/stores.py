"""Messages about stores and menus of chains. They name what changed; the API has the new content."""

from datetime import datetime

from shared.contracts.messages import MessageData


def store_subject(store_key: str) -> str:
    """The `subject` of messages about a store."""
    return f"store/{store_key}"


def menu_subject(chain: str, menu: str) -> str:
    """The `subject` of messages about a menu of a chain."""
    return f"menu/{chain}:{menu}"


class MenuSourceMessage(MessageData):
    """Base of the messages after which tills and mini-programs read a menu again."""

    chain: str


class StoreChanged(MenuSourceMessage):
    """A store was created or changed.

    `parts` names what is new: `settings`, `opening_hours`, `menu`, `sold_out`. `revision` is the store's ETag.
    """

    type = "store.changed"
    store: str
    revision: int
    parts: list[str]
    changed_at: datetime


class MenuChanged(MenuSourceMessage):
    """A version of a chain's menu was stored, or a planned one deleted; then `begins_at` is null.

    `layer` is `chain`, `region:REGION` or `store:STORE`. `stores` is the number of stores that it reaches. Nothing is
    announced at `begins_at`: a store's menu of that time is read with `at`.
    """

    type = "menu.changed"
    menu: str
    revision: int
    layer: str
    version: int
    begins_at: datetime | None
    stores: int
