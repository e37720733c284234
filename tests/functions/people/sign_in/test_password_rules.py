"""Which passwords a person may choose."""

import pytest

from functions.people.sign_in.password_rules import fault_of

NAMES = ("pat.miller@example.com", "Pat Miller", "demo")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "too_short"),
        ("Tr0ub4dor&3", "too_short"),
        ("短い", "too_short"),
        ("PASSWORD123456", "too_common"),
        ("woaini1314520", "too_common"),
        ("123456789012", "too_common"),
        ("qwertyuiopasd", "too_common"),
        ("lkjhgfdsapoiuytrewq", "too_common"),
        ("abababababab", "too_common"),
        ("kitchenkitchen", "too_common"),
        ("miller123456", "too_personal"),
        ("Dumbwaiter2026", "too_personal"),
        ("pat.miller@example.com", "too_personal"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, code: str) -> None:
    fault = fault_of(password, "password", NAMES)
    assert fault is not None
    assert fault.code == code


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "aubergine kiosk 3",
        "kitchen table lamp",
        "我爱吃北京烤鸭和饺子还有面条",
        "x" * 8 + "gq7vkz",
    ],
)
def test_a_long_password_is_good_without_any_kinds_of_characters(password: str) -> None:
    assert fault_of(password, "password", NAMES) is None
