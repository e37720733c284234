"""A menu in one language: the names of its items, with the texts of that language alone."""

from shared.contracts.menu import Item, ItemText, Menu


def in_language(menu: Menu, language: str) -> Menu:
    """The menu with names in this language. An item without a text in it keeps its name."""
    return menu.model_copy(update={"items": [_item_in(item, language) for item in menu.items]})


def _item_in(item: Item, language: str) -> Item:
    tag = _best_tag(item.texts, language)
    if tag is None:
        return item.model_copy(update={"texts": {}})
    return item.model_copy(update={"name": item.texts[tag].name, "texts": {tag: item.texts[tag]}})


def _best_tag(texts: dict[str, ItemText], language: str) -> str | None:
    """The longest tag that the language begins with (RFC 4647, section 3.4: lookup): `zh` for `zh-Hant-HK`."""
    tags = {tag.lower(): tag for tag in texts}
    parts = language.lower().split("-")
    lookups = ("-".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((tags[lookup] for lookup in lookups if lookup in tags), None)
