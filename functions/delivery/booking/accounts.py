"""Accounts that are ready for calls: secrets decrypted, and with an access token where the fleet has one."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from functions.delivery.fleets import FLEETS
from functions.delivery.fleets.contract import Account, Token
from functions.delivery.tables.fleets import StoredFleet, update_fleet_leased, update_fleet_token
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.auth import cipher
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured

# A token is renewed before its end, so that a request that leaves now arrives with a good one.
RENEWED_BEFORE = timedelta(minutes=5)
TOKEN_LEASE = timedelta(seconds=25)


def account_of(env: Environment, stored: StoredFleet) -> Account:
    """An account with its secrets in clear. Raises `Misconfigured`."""
    secret = {name: str(value) for name, value in json.loads(_clear(env, stored.credentials)).items()}
    token = _clear(env, stored.token).decode() if stored.token else None
    return Account(stored.key, stored.settings, secret, token)


def ready_accounts(env: Environment, fleets: Mapping[str, StoredFleet], now: datetime) -> dict[str, Account]:
    """Those of the accounts that can be used now. One whose token another worker fetches is left out."""
    ready = {key: _ready(env, stored, now) for key, stored in fleets.items() if stored.kind in FLEETS}
    return {key: account for key, account in ready.items() if account is not None}


def _ready(env: Environment, stored: StoredFleet, now: datetime) -> Account | None:
    account = account_of(env, stored)
    needs_token = FLEETS[stored.kind].token(account) is not None
    is_fresh = stored.token_until is not None and stored.token_until > now + RENEWED_BEFORE
    if not needs_token or is_fresh:
        return account
    with_old_one = account if stored.token_until and stored.token_until > now else None
    return _with_token(env, stored, account, now) or with_old_one


def _with_token(env: Environment, stored: StoredFleet, account: Account, now: datetime) -> Account | None:
    """The account with a new token. One worker alone fetches it."""
    fleet = FLEETS[stored.kind]
    call = fleet.token(account)
    with env.db.transaction() as transaction:
        has_lease = update_fleet_leased(transaction, stored.key, now + RENEWED_BEFORE, now, now + TOKEN_LEASE)
    if call is None or not has_lease:
        return None
    [answer] = post_from_outside(env, [call])
    outcome = fleet.token_outcome(answer.reply) if answer.reply else answer.lost
    if not isinstance(outcome, Token):
        log.logger().warning("no access token of a fleet", extra={"fleet": stored.key, "outcome": str(outcome)})
        return None
    with env.db.transaction() as transaction:
        encrypted = cipher(env.keyring()).encrypt(outcome.value.encode())
        update_fleet_token(transaction, stored, encrypted, now + timedelta(seconds=outcome.seconds))
    return replace(account, token=outcome.value)


def _clear(env: Environment, encrypted: bytes) -> bytes:
    try:
        return cipher(env.keyring()).decrypt(encrypted)
    except InvalidToken:
        raise Misconfigured("credentials_unreadable", "No key of the keyring decrypts the credentials.") from None
