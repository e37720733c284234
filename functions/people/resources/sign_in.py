"""POST /v1/sessions: an email address and a password, perhaps with a code, begin a session."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from werkzeug.datastructures import Headers

from functions.people.resources.codes import code_needed, spend_code
from functions.people.resources.session_document import begin_session
from functions.people.sign_in.attempts import ACCOUNT, NETWORK, account_subject, network_subject, one_more
from functions.people.tables.attempts import delete_attempts, lock_attempts, take_attempt_back, update_attempts
from functions.people.tables.factors import read_factor
from functions.people.tables.people import Account, count_most_accounts, read_with_password, update_password
from shared.contracts.models import Input
from shared.contracts.text import Id, printable
from shared.kit import passwords
from shared.kit.cache import Cache
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Rejected, Unavailable
from shared.spine.http import Reply
from shared.spine.sessions import Origin, require_same_origin

LONGEST_EMAIL = 254
# Of one address. Each chain can have one, and each costs a hash.
MOST_ACCOUNTS = 5
_most: Cache[int] = Cache(600)


def _foldable(text: str) -> str:
    """The text. Raises ValueError where its small letters are too long: `ß` becomes `ss`."""
    if len(text.casefold()) > LONGEST_EMAIL:
        raise ValueError(f"has more than {LONGEST_EMAIL} characters in small letters")
    return printable(text)


Email = Annotated[
    str,
    StringConstraints(min_length=3, max_length=LONGEST_EMAIL, pattern=r"^[^\s@]+@[^\s@]+$"),
    AfterValidator(_foldable),
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Code = Annotated[
    str,
    StringConstraints(min_length=6, max_length=30),
    Field(description="Six digits of the authenticator, or a recovery code."),
]


class SignIn(Input):
    """An email address and its password. `chain` decides where several accounts of the address have this password.

    `code` is for an account with an authenticator.
    """

    email: Email
    password: Password
    code: Code | None = None
    chain: Id | None = None


def sign_in(env: Environment, address: str, headers: Headers, body: SignIn) -> Reply:
    """Sign in. The reply sets the session's cookie. After five attempts each further one waits longer."""
    require_same_origin("POST", headers)
    email = body.email.casefold()
    subjects = (account_subject(email), network_subject(address))
    accounts = _accounts_to_check(env, subjects, email, body.chain or "")
    fitting = _fitting(body.password, accounts, 1 if body.chain else _most_accounts(env))
    if not fitting:
        raise Rejected("sign_in_refused", "email address or password is wrong", status=HTTPStatus.UNAUTHORIZED)
    if len(fitting) > 1:
        raise _chain_needed(env, fitting, subjects)
    [account] = fitting
    if body.code is None:
        _require_no_factor(env, account, subjects)
    with env.db.transaction() as transaction:
        method = "password"
        if body.code is not None and spend_code(env, transaction, account.id, body.code):
            method = "password_code"
        _succeed(transaction, account, subjects, body.password)
        return begin_session(
            env, transaction, account, Origin(address, headers.get("User-Agent", ""), method), "/v1/sessions"
        )


def _accounts_to_check(env: Environment, subjects: tuple[bytes, bytes], email: str, chain: str) -> list[Account]:
    """The accounts with a password, when one more attempt may be made. Raises `Unavailable` (429)."""
    now = env.clock()
    with env.db.transaction() as transaction:
        attempts = lock_attempts(transaction, subjects, now)
        wait = max(counted.wait(now) for counted in attempts.values())
        if not wait:
            limits = zip(subjects, (ACCOUNT, NETWORK), strict=True)
            update_attempts(
                transaction, {subject: one_more(attempts[subject], limit, now) for subject, limit in limits}
            )
            return read_with_password(transaction, email, chain, MOST_ACCOUNTS)
    raise too_many(wait)


def _most_accounts(env: Environment) -> int:
    """The most accounts that any address of the stage has, at most `MOST_ACCOUNTS`."""

    def read() -> int:
        with env.db.transaction() as transaction:
            return min(count_most_accounts(transaction), MOST_ACCOUNTS)

    return _most.get_or_read(env, "", read)


def _fitting(password: str, accounts: Sequence[Account], least: int) -> list[Account]:
    """The accounts whose password it is. All are tried, and so are as many as the address with most accounts has.

    An address without an account, or with fewer, costs the same work.
    """
    hashes = [account.password for account in accounts]
    hashes += [None] * (max(least, 1) - len(hashes))
    fits = [passwords.fits(password, stored) for stored in hashes]
    return [account for account, its in zip(accounts, fits, strict=False) if its]


def _chain_needed(env: Environment, fitting: Sequence[Account], subjects: tuple[bytes, bytes]) -> Rejected:
    """The error for a password of several accounts. The attempt is none: the password was right."""
    with env.db.transaction() as transaction:
        for subject in subjects:
            take_attempt_back(transaction, subject)
    chains = sorted(account.chain for account in fitting)
    detail = "several chains have an account with this address and password: send `chain`, too"
    return Rejected("chain_needed", detail, status=HTTPStatus.UNAUTHORIZED, extensions={"chains": chains})


def _require_no_factor(env: Environment, account: Account, subjects: tuple[bytes, bytes]) -> None:
    """Raises `Rejected` (401) for an account with an authenticator. The attempt is none: the password was right."""
    with env.db.transaction() as transaction:
        factor = read_factor(transaction, account.id)
        if factor is None or factor.confirmed_at is None:
            return
        for subject in subjects:
            take_attempt_back(transaction, subject)
    raise code_needed()


def _succeed(transaction: Transaction, account: Account, subjects: tuple[bytes, bytes], password: str) -> None:
    of_account, of_network = subjects
    delete_attempts(transaction, of_account)
    take_attempt_back(transaction, of_network)
    if account.password and passwords.is_stale(account.password):
        update_password(transaction, account.id, passwords.hash_of(password))


def too_many(wait: timedelta) -> Unavailable:
    """The error for an attempt before the wait is over."""
    seconds = ceil(wait.total_seconds())
    detail = f"there were too many attempts: the next one is in {seconds} s"
    return Unavailable("too_many_attempts", detail, status=HTTPStatus.TOO_MANY_REQUESTS, retry_after=seconds)
