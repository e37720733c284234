"""An outside system that is ready to be called: its adapter, and the codes that replace ours."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.fernet import InvalidToken

from functions.sync.adapters.contract import Adapter
from functions.sync.adapters.registry import make_adapter
from functions.sync.engine.fence import Fence
from functions.sync.engine.translation import Codes
from functions.sync.outside.remote import exchange_of
from functions.sync.tables.codes import read_codes
from functions.sync.tables.systems import System, read_system
from shared.spine.auth import cipher
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, NotFound


@dataclass(frozen=True)
class Target:
    """A system with its adapter. The adapter sends through the fence."""

    system: System
    adapter: Adapter
    codes: Codes
    fence: Fence


def read_target(env: Environment, system_key: str, ends_at: datetime) -> Target:
    """The system as it is configured now. Raises `NotFound` or `Misconfigured`."""
    with env.db.transaction() as transaction:
        system = read_system(transaction, system_key)
        codes = read_codes(transaction, system_key)
    if system is None:
        raise NotFound("unknown_system", f"There is no system {system_key}.")
    fence = Fence(exchange_of(env), env.clock, ends_at)
    adapter = make_adapter(system.kind, system.url, credentials_of(env, system), system.settings, fence.exchange)
    return Target(system, adapter, Codes(codes, same_codes(system.settings)), fence)


def same_codes(settings: Mapping[str, object]) -> frozenset[str]:
    """The kinds of codes that are the same in both systems."""
    kinds = settings.get("same_codes")
    return frozenset(str(kind) for kind in kinds) if isinstance(kinds, list) else frozenset()


def credentials_of(env: Environment, system: System) -> dict[str, str]:
    """The credentials in clear. Raises `Misconfigured`."""
    try:
        credentials: dict[str, str] = json.loads(cipher(env.keyring()).decrypt(system.credentials))
    except InvalidToken:
        raise Misconfigured("credentials_unreadable", "No key of the keyring decrypts the credentials.") from None
    return credentials


TargetReader = Callable[[Environment, str, datetime], Target]
