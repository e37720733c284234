"""The check of a code: six digits of an authenticator, or a recovery code. Each is good once."""

from http import HTTPStatus

from cryptography.fernet import InvalidToken

from functions.people.sign_in.totp import matching_step, plain_recovery_code
from functions.people.tables.factors import Factor, delete_recovery_code, read_factor, update_step
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured, Rejected


def spend_code(env: Environment, transaction: Transaction, person: str, code: str) -> bool:
    """Use up the code. False for an account that needs none. Raises `Rejected` (401) for a wrong or used code."""
    factor = read_factor(transaction, person, lock=True)
    if factor is None or factor.confirmed_at is None:
        return False
    if not spend_step(env, transaction, person, factor, code) and not delete_recovery_code(
        transaction, person, plain_recovery_code(code)
    ):
        raise wrong_code()
    return True


def spend_step(env: Environment, transaction: Transaction, person: str, factor: Factor, code: str) -> bool:
    """Whether the code is of the authenticator, and later than the last one. The step is stored."""
    now = env.clock()
    step = matching_step(secret_of(env, factor), code, now, factor.last_step)
    if step is None:
        return False
    update_step(transaction, person, step, now)
    return True


def secret_of(env: Environment, factor: Factor) -> bytes:
    """The authenticator's secret, decrypted. Raises `Misconfigured`."""
    try:
        return cipher(env.keyring()).decrypt(factor.encrypted)
    except InvalidToken:
        raise Misconfigured("keyring_incomplete", "the key of an authenticator is not in the key ring") from None


def wrong_code() -> Rejected:
    """The error for a code that is wrong, or that was used before."""
    return Rejected("code_wrong", "the code is wrong, or it was used before", status=HTTPStatus.UNAUTHORIZED)


def code_needed() -> Rejected:
    """The error for an account with an authenticator."""
    return Rejected("code_needed", "send `code` of your authenticator, too", status=HTTPStatus.UNAUTHORIZED)
