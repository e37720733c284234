"""Personal data is masked at any depth, and nothing else is."""

from typing import Any

import pytest

from functions.console.orders.masking import masked


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"guest": {"name": "Ann Lee", "phone": "+1 555-0100", "member": "m1", "address": "1 Main St"}},
         {"guest": {"name": "A…", "phone": "…0100", "member": None, "address": None}}),
        ({"guest": {"name": "李雷", "phone": "123"}},
         {"guest": {"name": "李…", "phone": None, "member": None, "address": None}}),
        ({"guest": None, "total": 5}, {"guest": None, "total": 5}),
        ({"order": {"lines": [{"note": "no onion", "name": "Tea"}], "waiter": "Bo"}},
         {"order": {"lines": [{"note": None, "name": "Tea"}], "waiter": None}}),
        ([1, "a", None], [1, "a", None]),
    ],
)  # fmt: skip
def test_guests_and_their_words_are_masked(value: Any, expected: Any) -> None:
    assert masked(value) == expected
