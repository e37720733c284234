"""Made-up passwords and keys of one machine, kept in a file that only its owner reads."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


@dataclass(frozen=True, repr=False)
class Keys:
    owner: str = field(default_factory=secrets.token_urlsafe)
    functions: str = field(default_factory=secrets.token_urlsafe)
    keyring: list[str] = field(default_factory=lambda: [_fernet_key()])  # newest first


def keys(root: Path) -> Keys:
    file = root / "secrets.json"
    try:
        return Keys(**json.loads(file.read_text()))
    except FileNotFoundError:
        fresh_keys = Keys()
        write_private(file, asdict(fresh_keys))
        return fresh_keys


def write_private(file: Path, content: Any) -> None:
    """Write JSON that only the owner of the file may read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
    fresh.replace(file)
