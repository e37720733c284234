"""Words of outlets in English and Chinese: whole texts of a known form are commands, all else is for a person."""

import pytest

from functions.outlets.asking.commands import Command, Word, command_of, matching_items
from shared.contracts.menu import Item, ItemText


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("menu sold out beef noodles", Command(Word.SOLD_OUT, "beef noodles")),
        ("  Sold out:  Beef Noodles. ", Command(Word.SOLD_OUT, "beef noodles")),
        ("beef noodles is sold out", Command(Word.SOLD_OUT, "beef noodles")),
        ("售罄 牛肉面", Command(Word.SOLD_OUT, "牛肉面")),
        ("沽清:牛肉面", Command(Word.SOLD_OUT, "牛肉面")),
        ("牛肉面卖完了", Command(Word.SOLD_OUT, "牛肉面")),
        ("菜单售罄“牛肉面”", Command(Word.SOLD_OUT, "牛肉面")),
        ("Closed tomorrow", Command(Word.CLOSED)),
        ("明天休息。", Command(Word.CLOSED)),
        ("resume", Command(Word.RESUME)),
        ("恢复接单", Command(Word.RESUME)),
        ("HELP", Command(Word.HELP)),
        ("帮助", Command(Word.HELP)),
    ],
)
def test_known_forms_are_commands(text: str, command: Command) -> None:
    assert command_of(text) == command


@pytest.mark.parametrize(
    "text",
    ["", "the oven is broken", "are we closed tomorrow", "closed tomorrow?", "sold out", "售罄", "明天休息吗",
     "help me", "menu sold out " + "x" * 81],
)  # fmt: skip
def test_all_else_is_for_a_person(text: str) -> None:
    assert command_of(text) is None


def item(item_id: str, name: str, chinese: str) -> Item:
    return Item(id=item_id, name=name, category="noodles", price=900, texts={"zh": ItemText(name=chinese)})


MENU = [
    item("beef", "Beef Noodles", "牛肉面"),
    item("spicy", "Spicy Beef Noodles", "麻辣牛肉面"),
    item("tea", "Tea", "茶"),
]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("beef noodles", ["beef"]),
        ("牛肉面", ["beef"]),
        ("麻辣", ["spicy"]),
        ("noodles", ["beef", "spicy"]),
        ("pizza", []),
    ],
)
def test_a_name_is_taken_before_a_part_of_a_name(words: str, found: list[str]) -> None:
    assert [match.id for match in matching_items(words, MENU)] == found
