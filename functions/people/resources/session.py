"""POST /v1/sessions begins a session; GET and DELETE /v1/session read and end it."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints
from werkzeug.datastructures import Headers

from functions.people.tables.people import Account, read_account, read_for_sign_in, read_roles, update_password
from shared.contracts.models import Input, Output
from shared.contracts.text import Id
from shared.kit import passwords
from shared.spine import sessions
from shared.spine.audit import Entry, insert_entry
from shared.spine.auth import Client
from shared.spine.db import Row, Transaction
from shared.spine.env import Environment
from shared.spine.errors import Rejected
from shared.spine.http import Call, Reply
from shared.spine.roles import grants_of

LONGEST_EMAIL, LONGEST_PASSWORD = 254, 500
Email = Annotated[str, StringConstraints(min_length=3, max_length=LONGEST_EMAIL, pattern=r"^[^\s@]+@[^\s@]+$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD)]


class SignIn(Input):
    """An email address and its password. `chain` decides where an address has accounts in several chains."""

    email: Email
    password: Password
    chain: Id | None = None


class RoleDocument(Output):
    """A role of a person over a chain, a region or a store; `scope` is its id."""

    role: str
    level: str
    scope: str


class SessionDocument(Output):
    """The person who is signed in. `rights` are grants. Send `csrf` as X-CSRF-Token with each change.

    The session ends at `expires_at`, and 12 hours after its last request.
    """

    id: str
    person: str
    name: str
    email: str
    chain: str
    language: str | None
    roles: list[RoleDocument]
    rights: list[str]
    csrf: Annotated[str, Field(description="Good for this session alone.")]
    expires_at: datetime


class SessionEnded(Output):
    """The session that has ended."""

    id: str


def sign_in(env: Environment, address: str, headers: Headers, body: SignIn) -> Reply:
    """Sign in with an email address and a password. The reply sets the session's cookie."""
    sessions.require_same_origin("POST", headers)
    email = body.email.casefold()
    with env.db.transaction() as transaction:
        account = read_for_sign_in(transaction, email, body.chain or "")
    if not passwords.fits(body.password, account.password if account else None) or account is None:
        raise Rejected("sign_in_refused", "email address or password is wrong", status=HTTPStatus.UNAUTHORIZED)
    with env.db.transaction() as transaction:
        if account.password and passwords.is_stale(account.password):
            update_password(transaction, account.id, passwords.hash_of(body.password))
        return _begin(env, transaction, account, sessions.Origin(address, headers.get("User-Agent", ""), "password"))


def _begin(env: Environment, transaction: Transaction, account: Account, origin: sessions.Origin) -> Reply:
    """Always a new session: a cookie of the request counts for nothing."""
    now, stage = env.clock(), env.settings.stage
    token = sessions.insert_session(transaction, account.id, origin, now)
    rows = sessions.read_session(transaction, token, now)
    person = sessions.person_of(rows, token)
    entry = Entry(person.chain, person.client_id, person.session, "people.sign_in", "/v1/sessions")
    insert_entry(transaction, entry, HTTPStatus.CREATED, now)
    document = _document(person, account, rows)
    return Reply(document, HTTPStatus.CREATED, {"Set-Cookie": sessions.set_cookie(stage, token)})


def get_session(call: Call) -> Reply:
    """The person who is signed in, with the rights of this moment."""
    person = signed_in(call.client)
    with call.env.db.transaction() as transaction:
        account, rows = read_account(transaction, person.id), read_roles(transaction, person.id)
    if account is None:
        raise sessions.session_ended()
    return Reply(_document(person, account, rows))


def end_session(call: Call) -> Reply:
    """Sign out. The cookie opens nothing from then on."""
    person = signed_in(call.client)
    with call.env.db.transaction() as transaction:
        sessions.delete_session_of_person(transaction, person.id, person.session)
        call.record(transaction, HTTPStatus.OK)
    cookie = sessions.set_cookie(call.env.settings.stage, "")
    return Reply(SessionEnded(id=person.session), headers={"Set-Cookie": cookie, "Clear-Site-Data": '"cache"'})


def signed_in(client: Client) -> sessions.Person:
    """The person of a request. Raises `Rejected` (403) for an API client."""
    if client.person is None:
        raise Rejected("person_needed", "this is for people who are signed in", status=HTTPStatus.FORBIDDEN)
    return client.person


def _document(person: sessions.Person, account: Account, rows: list[Row]) -> SessionDocument:
    roles = [row for row in rows if row["role"] is not None]
    grants = {grant for row in roles for grant in grants_of(row["role"], row["level"], account.chain, row["scope_id"])}
    return SessionDocument(
        id=person.session,
        person=person.id,
        name=account.name,
        email=account.email,
        chain=account.chain,
        language=account.language,
        roles=[RoleDocument(role=row["role"], level=row["level"], scope=row["scope_id"]) for row in roles],
        rights=sorted(map(str, grants)),
        csrf=person.csrf,
        expires_at=person.expires_at,
    )
