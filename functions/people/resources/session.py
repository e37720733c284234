"""GET, PATCH and DELETE /v1/session: the session of the request. /v1/sessions: all sessions of the person."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from functions.people.resources.session_document import SessionDocument, session_document, signed_in
from functions.people.tables.people import read_account, read_roles, update_profile
from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Name
from shared.spine import sessions
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply

Language = Annotated[Literal["en", "zh"], Field(description="The language of the pages.")]


class SessionPath(Query):
    """A session by its id."""

    session: Ulid


class ProfileChange(Input):
    """A change of the own account. A field that is left away stays."""

    name: Name | None = None
    language: Language | None = None


class SessionEntry(Output):
    """A session of the person. `method` says how it began; `present` is the session of this request."""

    id: str
    method: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str
    browser: str
    present: bool


class SessionList(Output):
    """The sessions of the person that have not ended, the newest first."""

    sessions: list[SessionEntry]


class SessionEnded(Output):
    """The session that has ended."""

    id: str


class SessionsEnded(Output):
    """How many sessions have ended."""

    ended: int


def get_session(call: Call) -> Reply:
    """The person who is signed in, with the rights of this moment."""
    with call.env.db.transaction() as transaction:
        return Reply(_document(call, transaction))


def change_profile(call: Call, body: ProfileChange) -> Reply:
    """Change the name or the language of the own account."""
    person = signed_in(call.client)
    with call.once() as (work, stored):
        update_profile(work, person.id, body.name, body.language)
        stored.reply = _document(call, work).model_dump_json()
    return Reply(stored.reply)


def end_session(call: Call) -> Reply:
    """Sign out. The cookie opens nothing from then on."""
    person = signed_in(call.client)
    with call.env.db.transaction() as transaction:
        sessions.delete_session_of_person(transaction, person.id, person.session)
        call.record(transaction, HTTPStatus.OK)
    cookie = sessions.set_cookie(call.env.settings.stage, "")
    return Reply(SessionEnded(id=person.session), headers={"Set-Cookie": cookie, "Clear-Site-Data": '"cache"'})


def list_sessions(call: Call) -> Reply:
    """The sessions of the person that have not ended."""
    person = signed_in(call.client)
    with call.env.db.transaction() as transaction:
        rows = sessions.read_sessions_of_person(transaction, person.id, call.env.clock())
    entries = [
        SessionEntry(
            id=row["id"],
            method=row["method"],
            created_at=row["created_at"].replace(tzinfo=UTC),
            used_at=row["used_at"].replace(tzinfo=UTC),
            expires_at=row["expires_at"].replace(tzinfo=UTC),
            address=row["caller_address"],
            browser=row["browser"],
            present=row["id"] == person.session,
        )
        for row in rows
    ]
    return Reply(SessionList(sessions=entries))


def end_other_session(call: Call, path: SessionPath) -> Reply:
    """End one session of the person."""
    person = signed_in(call.client)
    with call.once() as (work, stored):
        if not sessions.delete_session_of_person(work, person.id, path.session):
            raise NotFound("unknown_session", "you have no such session")
        stored.reply = SessionEnded(id=path.session).model_dump_json()
    return Reply(stored.reply)


def end_other_sessions(call: Call) -> Reply:
    """End all sessions of the person but that of this request."""
    person = signed_in(call.client)
    with call.once() as (work, stored):
        ended = sessions.delete_sessions_of_person(work, person.id, but=person.session)
        stored.reply = SessionsEnded(ended=ended).model_dump_json()
    return Reply(stored.reply)


def _document(call: Call, transaction: Transaction) -> SessionDocument:
    person = signed_in(call.client)
    account, rows = read_account(transaction, person.id), read_roles(transaction, person.id)
    if account is None:
        raise sessions.session_ended()
    return session_document(person, account, rows)
