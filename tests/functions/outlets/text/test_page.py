"""The page of an order: small, without a script, and with nothing of the order as markup."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from functions.outlets.text.document import Document, DocumentLine, money
from functions.outlets.text.order_text import order_text
from functions.outlets.text.page import HEADERS, order_page, status_page
from functions.outlets.text.words import WORDS

MOST_BYTES = 30_000


def document(lines: int = 2, name: str = "牛肉面", note: str | None = "花生过敏") -> Document:
    line = DocumentLine(quantity=2, name=name, details=["大份", "2 × 加蛋"], note=note)
    return Document(
        number="A-17",
        store="Corner",
        service="delivery",
        table=None,
        wanted_for="2026-11-30 12:30",
        lines=[line] * lines,
        note=None,
        total="26.50 CNY",
        paid=True,
        changed=False,
        guest=["Wang Wei", "138 0013 8034", "5 Nanjing Road"],
        zone="Asia/Shanghai",
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_shows_the_order_and_has_no_script(language: str) -> None:
    page = order_page(document(), language, [10, 20], "nonce")
    assert "牛肉面" in page
    assert "花生过敏" in page
    assert "<script" not in page
    assert len(re.findall('<button class="go" name="ready" value="[0-9]+">', page)) == 2


def test_the_longest_page_is_small() -> None:
    long = document(lines=2_000, name="很长的菜名" * 20, note="备注" * 60)
    assert len(order_page(long, "zh", [10, 20, 30, 45, 60, 90], "nonce").encode()) <= MOST_BYTES


def test_words_of_a_guest_are_no_markup() -> None:
    page = order_page(document(name="<img src=x onerror=alert(1)>", note='"><script>'), "en", [10], "nonce")
    assert "<img" not in page
    assert "<script" not in page


def test_only_the_pages_own_style_is_allowed() -> None:
    [style] = re.findall("<style>(.*?)</style>", status_page(None, "en", "x"), re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in HEADERS["Content-Security-Policy"]
    assert HEADERS["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert HEADERS["Referrer-Policy"] == "same-origin"
    assert "noindex" in HEADERS["X-Robots-Tag"]


def test_both_languages_have_all_words_with_the_same_fields() -> None:
    fields = {
        language: {name: sorted(re.findall(r"{(\w+)}", text)) for name, text in words.items()}
        for language, words in WORDS.items()
    }
    assert fields["en"] == fields["zh"]


def test_a_long_order_is_cut_in_the_text_and_says_so() -> None:
    text = order_text(document(lines=30), "en")
    assert text.count("2 × 牛肉面") == 25
    assert "and 5 more lines" in text


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [(1325, "USD", "13.25 USD"), (5, "CNY", "0.05 CNY"), (500, "JPY", "500 JPY"), (1234, "KWD", "1.234 KWD")],
)
def test_money_has_the_digits_of_its_currency(amount: int, currency: str, expected: str) -> None:
    assert money(amount, currency) == expected
