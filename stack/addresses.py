"""Where everything of a running stack is: what stack.json says."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.mariadb import Address, CannotStart

CHECKOUT = Path(__file__).resolve().parent.parent
ROOT = CHECKOUT / ".local"


@dataclass(frozen=True)
class Place:
    http: str
    websocket: str | None
    console: str
    aws_endpoint: str
    mysql: dict[str, Any] = field(repr=False)  # the owner's account: host, port, user, password, database
    keys: dict[str, dict[str, str]] = field(repr=False)  # API clients of the demo chain: name -> {"id", "secret"}
    # People of the demo chain: name -> {"email", "password"}.
    people: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    @property
    def database(self) -> Address:
        return Address(**self.mysql)


def place(root: Path = ROOT) -> Place:
    """Raises CannotStart if no stack was brought up in this folder."""
    try:
        return Place(**json.loads((root / "stack.json").read_text()))
    except FileNotFoundError:
        raise CannotStart("No stack is up: `make up` brings one up.") from None
