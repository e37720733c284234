"""Proofs that the person who is signed in is still the one who sits there, and rules of a new password."""

from datetime import datetime
from http import HTTPStatus

from functions.people.resources.codes import code_needed, spend_code
from functions.people.resources.session_document import signed_in
from functions.people.resources.sign_in import too_many
from functions.people.sign_in.attempts import ACCOUNT, account_subject, one_more
from functions.people.sign_in.password_rules import fault_of
from functions.people.tables.attempts import delete_attempts, lock_attempts, update_attempts
from functions.people.tables.factors import read_factor
from functions.people.tables.people import Account, read_account
from shared.kit import passwords
from shared.spine import sessions
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Rejected
from shared.spine.http import Call
from shared.spine.idempotency import replay


def prove_password(call: Call, password: str) -> Account:
    """The account of the person, whose password this is. Raises `Rejected` (403), `Unavailable` (429), `Replay`.

    A stolen cookie gives no more attempts than the sign-in does.
    """
    person, now = signed_in(call.client), call.env.clock()
    assert call.key is not None  # each of its requests is a mutation
    with call.env.db.transaction() as transaction:
        # A change of the password that is sent again has the password of before.
        replay(transaction, call.key)
        account = read_account(transaction, person.id)
        if account is None:
            raise sessions.session_ended()
        count_attempt(transaction, account, now)
    if not passwords.fits(password, account.password):
        raise Rejected("password_wrong", "the password is wrong", status=HTTPStatus.FORBIDDEN)
    with call.env.db.transaction() as transaction:
        delete_attempts(transaction, account_subject(account.email))
    return account


def count_attempt(transaction: Transaction, account: Account, now: datetime) -> None:
    """One more attempt at the account. Raises `Unavailable` (429) before the wait of the last one is over."""
    subject = account_subject(account.email)
    attempts = lock_attempts(transaction, (subject,), now)[subject]
    if wait := attempts.wait(now):
        raise too_many(wait)
    update_attempts(transaction, {subject: one_more(attempts, ACCOUNT, now)})


def spend_code_if_needed(env: Environment, transaction: Transaction, person: str, code: str | None) -> None:
    """Raises `Rejected` (401) for an account with an authenticator without a good code."""
    if code is not None:
        spend_code(env, transaction, person, code)
        return
    factor = read_factor(transaction, person)
    if factor is not None and factor.confirmed_at is not None:
        raise code_needed()


def require_good_password(password: str, account: Account, field: str) -> None:
    """Raises `Rejected` (422) for a password that may not be chosen."""
    fault = fault_of(password, field, (account.email, account.name, account.chain))
    if fault:
        raise Rejected("body_invalid", "1 fault(s) in the body; each is named", faults=(fault,))
