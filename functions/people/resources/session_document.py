"""The document of a session, and how a session begins."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from functions.people.tables.people import Account
from shared.contracts.models import Output
from shared.spine import sessions
from shared.spine.audit import Entry, insert_entry
from shared.spine.auth import Client
from shared.spine.db import Row, Transaction
from shared.spine.env import Environment
from shared.spine.errors import Rejected
from shared.spine.http import Reply
from shared.spine.roles import grants_of


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


def signed_in(client: Client) -> sessions.Person:
    """The person of a request. Raises `Rejected` (403) for an API client."""
    if client.person is None:
        raise Rejected("person_needed", "this is for people who are signed in", status=HTTPStatus.FORBIDDEN)
    return client.person


def begin_session(
    env: Environment, transaction: Transaction, account: Account, origin: sessions.Origin, path: str
) -> Reply:
    """Always a new session: a cookie of the request counts for nothing."""
    now, stage = env.clock(), env.settings.stage
    token = sessions.insert_session(transaction, account.id, origin, now)
    rows = sessions.read_session(transaction, token, now)
    person = sessions.person_of(rows, token)
    entry = Entry(person.chain, person.client_id, person.session, "people.sign_in", path)
    insert_entry(transaction, entry, HTTPStatus.CREATED, now)
    document = session_document(person, account, rows)
    return Reply(document, HTTPStatus.CREATED, {"Set-Cookie": sessions.set_cookie(stage, token)})


def session_document(person: sessions.Person, account: Account, rows: list[Row]) -> SessionDocument:
    """The document of a session; `rows` has the person's roles."""
    grants = {
        grant
        for row in rows
        if row["role"] is not None
        for grant in grants_of(row["role"], row["level"], account.chain, row["scope_id"])
    }
    return SessionDocument(
        id=person.session,
        person=person.id,
        name=account.name,
        email=account.email,
        chain=account.chain,
        language=account.language,
        roles=role_documents(rows),
        rights=sorted(map(str, grants)),
        csrf=person.csrf,
        expires_at=person.expires_at,
    )


def role_documents(rows: list[Row]) -> list[RoleDocument]:
    """The roles in these rows."""
    return [
        RoleDocument(role=row["role"], level=row["level"], scope=row["scope_id"])
        for row in rows
        if row["role"] is not None
    ]
