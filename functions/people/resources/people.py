"""/v1/people: who may sign in, with which roles. A manager gives only rights that the manager has."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from functions.people.authority.giving import PEOPLE, Role, scope_of
from functions.people.resources.links import LinkMade
from functions.people.resources.managed import (
    managed_person,
    require_head,
    require_not_oneself,
    require_roles,
    scopes_of_roles,
)
from functions.people.resources.session import Language, SessionsEnded
from functions.people.resources.session_document import RoleDocument
from functions.people.resources.sign_in import Email
from functions.people.tables.factors import delete_factor
from functions.people.tables.links import LASTS, delete_links, insert_link
from functions.people.tables.passkeys import delete_passkeys
from functions.people.tables.people import (
    Account,
    Wanted,
    insert_person,
    lock_heads,
    read_account,
    read_people,
    read_people_within,
    read_roles_of,
    replace_roles,
    update_disabled,
    update_profile,
)
from functions.people.tables.scopes import read_stores_of_regions
from shared.contracts.ids import Ulid, new_id, split_key
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id, Name
from shared.kit.revision import require_match, tag_headers
from shared.spine import sessions
from shared.spine.db import Duplicate, Transaction
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

MOST_ROLES = 100


class RoleIn(Input):
    """A role over a chain, a region or a store. `scope` is the id of that."""

    role: Literal[
        "head_office", "region", "store_manager", "marketing", "operator", "service_desk", "packer", "courier"
    ]
    level: Literal["chain", "region", "store"]
    scope: Id


Roles = Annotated[list[RoleIn], Field(max_length=MOST_ROLES)]


class PersonIn(Input):
    """A new person of a chain."""

    chain: Id
    email: Email
    name: Name
    language: Language | None = None
    roles: Roles


class PersonChange(Input):
    """A change of a person. A field that is left away stays. `disabled` true ends all sessions."""

    name: Name | None = None
    language: Language | None = None
    roles: Roles | None = None
    disabled: bool | None = None


class PersonPath(Query):
    """A person by the id."""

    person: Ulid


class PeopleQuery(Query):
    """The chain, and the cursor of a page. `q`: a part of the name or of the email address."""

    chain: Id
    q: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    cursor: Annotated[Ulid | None, Field(description="`next` of the page before.")] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class PersonDocument(Output):
    """A person. `waits` is true until a password was chosen by the link."""

    id: str
    chain: str
    email: str
    name: str
    language: str | None
    roles: list[RoleDocument]
    waits: bool
    disabled: bool
    created_at: datetime


class PasskeysRemoved(Output):
    """How many passkeys were removed."""

    removed: int


class NewPersonDocument(PersonDocument):
    """A new person with the one-time link."""

    link: LinkMade


class PeoplePage(Output):
    """A page of people. `next` is the cursor of the next page; the last page has none."""

    people: list[PersonDocument]
    next: str | None


class TotpRemoved(Output):
    """Whether the person had an authenticator."""

    removed: bool


def invite_person(call: Call, body: PersonIn) -> Reply:
    """Invite a person. Hand the link to the person: it is good once, for 72 hours."""
    now = call.env.clock()
    account = Account(
        new_id(now), body.chain, body.email.casefold(), body.name, body.language, None, now, None, revision=1
    )
    with call.once() as (work, stored):
        roles = require_roles(call.client, work, body.chain, _roles(body.roles))
        try:
            insert_person(work, account)
        except Duplicate:
            raise Conflict("person_exists", "the chain has a person with this email address") from None
        replace_roles(work, account.id, roles)
        link = LinkMade(token=insert_link(work, account.id, call.client.id, now), expires_at=now + LASTS)
        stored.status, stored.secret_until = HTTPStatus.CREATED, link.expires_at
        document = NewPersonDocument(**_fields(account, roles), link=link)
        stored.reply = document.model_dump_json()
    return Reply(stored.reply, stored.status, tag_headers(account.revision))


def list_people(call: Call, query: PeopleQuery) -> Reply:
    """The people of a chain who have a role where the caller manages people."""
    reach = call.client.reach(PEOPLE).within(query.chain)
    if not reach.all_chains:
        call.client.require(PEOPLE, Scope(query.chain))
    wanted = Wanted(query.chain, query.q or "", query.cursor or "", query.limit + 1)
    with call.env.db.transaction() as transaction:
        if reach.chains:
            accounts = read_people(transaction, wanted)
        else:
            regions = [region for _, region in reach.regions]
            stores = {split_key(key)[1] for key in reach.stores}
            stores |= set(read_stores_of_regions(transaction, query.chain, regions))
            accounts = read_people_within(transaction, wanted, regions, sorted(stores))
        roles = read_roles_of(transaction, [account.id for account in accounts])
    page = accounts[: query.limit]
    documents = [PersonDocument(**_fields(account, roles[account.id])) for account in page]
    return Reply(PeoplePage(people=documents, next=page[-1].id if len(accounts) > len(page) else None))


def get_person(call: Call, path: PersonPath) -> Reply:
    """Read a person. `ETag` is for a change with `If-Match`."""
    with call.env.db.transaction() as transaction:
        account = read_account(transaction, path.person)
        roles = read_roles_of(transaction, [path.person])[path.person]
        if account is None or not _sees(call, transaction, account, roles):
            raise NotFound("unknown_person", "there is no such person")
    return Reply(PersonDocument(**_fields(account, roles)), headers=tag_headers(account.revision))


def change_person(call: Call, path: PersonPath, body: PersonChange) -> Reply:
    """Change a person's name, language or roles, or disable the person."""
    with call.once() as (work, stored):
        account, roles = managed_person(call.client, work, path.person)
        require_match(call, account.revision)
        heads = lock_heads(work, account.chain)
        if body.roles is not None:
            require_not_oneself(call.client, account)
            roles = require_roles(call.client, work, account.chain, _roles(body.roles))
            replace_roles(work, account.id, roles)
        if body.disabled is not None:
            require_not_oneself(call.client, account)
            account = _disable(work, account, call.env.clock() if body.disabled else None)
        require_head(work, account.chain, heads)
        update_profile(work, account.id, body.name, body.language)
        changed = read_account(work, account.id)
        assert changed is not None  # it is locked
        stored.reply = PersonDocument(**_fields(changed, roles)).model_dump_json()
    return Reply(stored.reply, headers=tag_headers(account.revision + 1))


def make_link(call: Call, path: PersonPath) -> Reply:
    """Make a one-time link by which the person chooses another password. Earlier links end."""
    now = call.env.clock()
    with call.once() as (work, stored):
        account, _ = managed_person(call.client, work, path.person)
        # A stolen session would set a password without the old one.
        require_not_oneself(call.client, account)
        if account.disabled_at is not None:
            raise Conflict("person_disabled", "the person is disabled: enable it first")
        link = LinkMade(token=insert_link(work, account.id, call.client.id, now), expires_at=now + LASTS)
        stored.status, stored.secret_until = HTTPStatus.CREATED, link.expires_at
        stored.reply = link.model_dump_json()
    return Reply(stored.reply, stored.status)


def end_sessions_of_person(call: Call, path: PersonPath) -> Reply:
    """End all sessions of a person."""
    with call.once() as (work, stored):
        account, _ = managed_person(call.client, work, path.person)
        stored.reply = SessionsEnded(ended=sessions.delete_sessions_of_person(work, account.id)).model_dump_json()
    return Reply(stored.reply)


def remove_totp_of_person(call: Call, path: PersonPath) -> Reply:
    """Remove the authenticator of a person who has lost it."""
    with call.once() as (work, stored):
        account, _ = managed_person(call.client, work, path.person)
        require_not_oneself(call.client, account)
        stored.reply = TotpRemoved(removed=delete_factor(work, account.id)).model_dump_json()
    return Reply(stored.reply)


def remove_passkeys_of_person(call: Call, path: PersonPath) -> Reply:
    """Remove all passkeys of a person who has lost a device."""
    with call.once() as (work, stored):
        account, _ = managed_person(call.client, work, path.person)
        require_not_oneself(call.client, account)
        stored.reply = PasskeysRemoved(removed=delete_passkeys(work, account.id)).model_dump_json()
    return Reply(stored.reply)


def _disable(transaction: Transaction, account: Account, moment: datetime | None) -> Account:
    update_disabled(transaction, account.id, moment)
    if moment:
        sessions.delete_sessions_of_person(transaction, account.id)
        delete_links(transaction, account.id)
    return replace(account, disabled_at=moment)


def _sees(call: Call, transaction: Transaction, account: Account, roles: list[Role]) -> bool:
    scopes = scopes_of_roles(transaction, account.chain, roles)
    return any(
        call.client.may(PEOPLE, scope)
        for scope in (
            scope_of(account.chain, "chain", account.chain, {}),
            *(scope_of(account.chain, role.level, role.scope_id, scopes) for role in roles),
        )
    )


def _roles(roles: list[RoleIn]) -> list[Role]:
    return sorted({Role(role.role, role.level, role.scope) for role in roles})


def _fields(account: Account, roles: list[Role]) -> dict[str, object]:
    names = ("id", "chain", "email", "name", "language", "created_at")
    documents = [RoleDocument(role=role.name, level=role.level, scope=role.scope_id) for role in roles]
    return {name: getattr(account, name) for name in names} | {
        "roles": documents,
        "waits": account.password is None,
        "disabled": account.disabled_at is not None,
    }
