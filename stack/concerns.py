"""The functions.yml of each concern."""

from pathlib import Path
from typing import Any

import yaml

from stack.addresses import CHECKOUT


def find_concerns(checkout: Path = CHECKOUT) -> list[str]:
    """Each folder of functions/ with a functions.yml. No list names them."""
    return sorted(path.parent.name for path in checkout.glob("functions/*/functions.yml"))


def read_concern(concern: str, checkout: Path = CHECKOUT) -> dict[str, Any]:
    """`connections`, `functions` and perhaps `resources`."""
    text = (checkout / "functions" / concern / "functions.yml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def read_functions(checkout: Path = CHECKOUT) -> dict[str, dict[str, Any]]:
    """The entries of all concerns by the functions' keys."""
    entries: dict[str, dict[str, Any]] = {}
    for concern in find_concerns(checkout):
        entries |= read_concern(concern, checkout).get("functions") or {}
    return entries
