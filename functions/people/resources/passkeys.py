"""/v1/session/passkeys: the passkeys of the person who is signed in."""

import secrets
from datetime import datetime
from http import HTTPStatus

from functions.people.passkeys.answer import Challenge, NewCredential
from functions.people.passkeys.options import creation_options
from functions.people.passkeys.page_address import PageAddress, page_address
from functions.people.passkeys.passkey import Credential, refused_passkey
from functions.people.resources.proof import prove_password, spend_code_if_needed
from functions.people.resources.session_document import signed_in
from functions.people.resources.sign_in import Code, Password
from functions.people.tables.passkeys import (
    Passkey,
    delete_passkey,
    insert_challenge,
    insert_passkey,
    read_passkeys,
    take_challenge,
)
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Name
from shared.spine.db import Duplicate
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply
from shared.spine.idempotency import replay

MOST = 10


class PasskeyBegin(Input):
    """The password once more, and the code of an account with an authenticator."""

    password: Password
    code: Code | None = None


class PasskeyIn(Input):
    """A new passkey: the name that the person gives it, the challenge of its options, and the browser's answer."""

    name: Name
    challenge: Challenge
    credential: NewCredential


class PasskeyPath(Query):
    """A passkey by its id."""

    passkey: Ulid


class PasskeyDocument(Output):
    """A passkey. `domain` is where it works. `synced`: the person's devices share it. `used_at`: the last sign-in."""

    id: str
    name: str
    domain: str
    synced: bool
    made_at: datetime
    used_at: datetime | None


class PasskeyList(Output):
    """The passkeys of the person, the oldest first."""

    passkeys: list[PasskeyDocument]


class PasskeyRemoved(Output):
    """The passkey that opens nothing any more."""

    id: str


def list_passkeys(call: Call) -> Reply:
    """The passkeys of the person who is signed in."""
    person = signed_in(call.client)
    with call.env.db.transaction() as transaction:
        passkeys = read_passkeys(transaction, person.id)
    return Reply(PasskeyList(passkeys=[_document(passkey) for passkey in passkeys]))


def begin_passkey(call: Call, body: PasskeyBegin) -> Reply:
    """Ask for a new passkey. Give the reply to `navigator.credentials.create` within five minutes."""
    page = page_of(call.env, call.headers.get("Origin"))
    account = prove_password(call, body.password)
    with call.once() as (work, stored):
        spend_code_if_needed(call.env, work, account.id, body.code)
        present = read_passkeys(work, account.id)
        _require_room(present)
        challenge = secrets.token_urlsafe(32)
        insert_challenge(work, challenge, signed_in(call.client).session, call.env.clock())
        credentials = [passkey.credential.id for passkey in present]
        options = creation_options(page.domain, challenge, account.id, account.email, account.name, credentials)
        stored.status, stored.reply = HTTPStatus.CREATED, options.model_dump_json()
    return Reply(stored.reply, stored.status)


def add_passkey(call: Call, body: PasskeyIn) -> Reply:
    """Add the passkey that the browser has made."""
    person, page = signed_in(call.client), page_of(call.env, call.headers.get("Origin"))
    credential = _checked(call, body, page)
    with call.once() as (work, stored):
        _require_room(read_passkeys(work, person.id, lock=True))
        now = call.env.clock()
        passkey = Passkey(new_id(now), person.id, page.domain, credential, body.name, now)
        try:
            insert_passkey(work, passkey)
        except Duplicate:
            raise Conflict("passkey_exists", "this passkey was added before") from None
        stored.status, stored.reply = HTTPStatus.CREATED, _document(passkey).model_dump_json()
    return Reply(stored.reply, stored.status)


def remove_passkey(call: Call, path: PasskeyPath) -> Reply:
    """Remove a passkey of the person."""
    person = signed_in(call.client)
    with call.once() as (work, stored):
        if not delete_passkey(work, person.id, path.passkey):
            raise NotFound("unknown_passkey", "you have no such passkey")
        stored.reply = PasskeyRemoved(id=path.passkey).model_dump_json()
    return Reply(stored.reply)


def page_of(env: Environment, origin: str | None) -> PageAddress:
    """The address of the stage's pages. Raises `Rejected` (422)."""
    settings = env.settings
    return page_address(settings.console_domain, origin, local=settings.stage == "local")


def _checked(call: Call, body: PasskeyIn, page: PageAddress) -> Credential:
    """The credential. Its challenge is used up, also by a wrong answer. Raises `Rejected` (401), `Replay`."""
    from functions.people.passkeys.check import new_credential  # noqa: PLC0415 - py_webauthn takes 300 ms to load

    assert call.key is not None  # each of its requests is a mutation
    with call.env.db.transaction() as transaction:
        replay(transaction, call.key)
        good = take_challenge(transaction, body.challenge, signed_in(call.client).session, call.env.clock())
    if not good:
        raise refused_passkey()
    return new_credential(body.credential, body.challenge, page)


def _require_room(present: list[Passkey]) -> None:
    if len(present) >= MOST:
        raise Conflict("too_many_passkeys", f"an account has at most {MOST} passkeys: remove one first")


def _document(passkey: Passkey) -> PasskeyDocument:
    return PasskeyDocument(
        id=passkey.id,
        name=passkey.name,
        domain=passkey.domain,
        synced=passkey.credential.synced,
        made_at=passkey.made_at,
        used_at=passkey.used_at,
    )
