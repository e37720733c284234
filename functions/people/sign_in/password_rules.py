"""Rules of a new password: a long one that is not guessed first. NIST SP 800-63B-4, section 3.1.1.2.

There is no rule about kinds of characters. A short password is refused, and one on a list. So is a run of the keyboard,
and a text that repeats itself. Without the person's own names enough of the password must be left.
"""

import re
from functools import cache
from pathlib import Path

from shared.spine.errors import Fault

SHORTEST = 12
# So many characters must be left without the person's own names.
LEFT = 8
FEWEST_KINDS = 5
_RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_LIST = Path(__file__).with_name("common_passwords.txt")


def fault_of(password: str, field: str, own_names: tuple[str, ...] = ()) -> Fault | None:
    """The fault of a password that may not be chosen. `own_names`: of the person, the chain and the address."""
    if len(password) < SHORTEST:
        return Fault(field, "too_short", f"a password has at least {SHORTEST} characters")
    plain = password.casefold()
    if plain in _common() or _is_run(plain) or _repeats(plain):
        return Fault(field, "too_common", "many people have this password: choose another")
    if len(_without(plain, own_names)) < LEFT:
        return Fault(field, "too_personal", "without your own names too little of it is left")
    return None


@cache
def _common() -> frozenset[str]:
    return frozenset(_LIST.read_text(encoding="utf-8").split())


def _is_run(plain: str) -> bool:
    """Whether it is a run of the keyboard or the alphabet, forwards or backwards, perhaps again from its start."""
    return any(plain in text * 3 or plain in text[::-1] * 3 for text in _RUNS)


def _repeats(plain: str) -> bool:
    return len(set(plain)) < FEWEST_KINDS or plain in (plain + plain)[1:-1]


def _without(plain: str, own_names: tuple[str, ...]) -> str:
    words = {word for name in (*own_names, "dumbwaiter") for word in re.split(r"\W+", name.casefold()) if len(word) > 2}  # noqa: PLR2004
    for word in sorted(words, key=len, reverse=True):
        plain = plain.replace(word, "")
    return plain
