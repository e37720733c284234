"""/v1/links: a one-time link, by which a person chooses a password. A manager of people makes it."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import StringConstraints
from werkzeug.datastructures import Headers

from functions.people.resources.proof import count_attempt, require_good_password, spend_code_if_needed
from functions.people.resources.session_document import begin_session
from functions.people.resources.sign_in import Code, Password
from functions.people.sign_in.attempts import account_subject
from functions.people.tables.attempts import delete_attempts
from functions.people.tables.links import delete_links, read_link
from functions.people.tables.people import Account, read_account, update_password
from shared.contracts.models import Input, Output
from shared.kit import passwords
from shared.spine import sessions
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Rejected
from shared.spine.http import Reply

Token = Annotated[str, StringConstraints(min_length=20, max_length=100)]


class LinkIn(Input):
    """The token of a link."""

    token: Token


class LinkUse(Input):
    """The token of a link and the new password. `code` is for an account with an authenticator."""

    token: Token
    password: Password
    code: Code | None = None


class LinkDocument(Output):
    """The account of a link. `is_new`: it has no password yet."""

    name: str
    email: str
    chain: str
    is_new: bool


class LinkMade(Output):
    """A one-time link. The token is shown in this reply alone: hand it to the person, as /console/link#TOKEN."""

    token: str
    expires_at: datetime


def open_link(env: Environment, headers: Headers, body: LinkIn) -> Reply:
    """Read whose link it is. The link stays good."""
    sessions.require_same_origin("POST", headers)
    with env.db.transaction() as transaction:
        account = _account_of(env, transaction, body.token)
    document = LinkDocument(
        name=account.name, email=account.email, chain=account.chain, is_new=account.password is None
    )
    return Reply(document)


def use_link(env: Environment, address: str, headers: Headers, body: LinkUse) -> Reply:
    """Choose a password, and begin a session. The link, and all other sessions of the person, end."""
    sessions.require_same_origin("POST", headers)
    with env.db.transaction() as transaction:
        account = _account_of(env, transaction, body.token)
        require_good_password(body.password, account, "password")
        if body.code is not None:
            count_attempt(transaction, account, env.clock())
    hashed = passwords.hash_of(body.password)
    with env.db.transaction() as transaction:
        account = _account_of(env, transaction, body.token, lock=True)
        spend_code_if_needed(env, transaction, account.id, body.code)
        update_password(transaction, account.id, hashed)
        delete_links(transaction, account.id)
        delete_attempts(transaction, account_subject(account.email))
        sessions.delete_sessions_of_person(transaction, account.id)
        origin = sessions.Origin(address, headers.get("User-Agent", ""), "link")
        return begin_session(env, transaction, account, origin, "/v1/links/use")


def _account_of(env: Environment, transaction: Transaction, token: str, *, lock: bool = False) -> Account:
    """The account of a link. Raises `Rejected` (410)."""
    person = read_link(transaction, token, env.clock(), lock=lock)
    account = read_account(transaction, person) if person else None
    if account is None or account.disabled_at is not None:
        detail = "the link was used, has expired, or was replaced: ask for another one"
        raise Rejected("link_ended", detail, status=HTTPStatus.GONE)
    return account
