"""/v1/sync/systems: the outside systems of a chain. Credentials are written, and never shown."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from functions.sync.adapters.registry import KINDS, credential_names
from functions.sync.engine.translation import CODE_KINDS
from functions.sync.resources.access import MANAGE, READ, ChainQuery, SystemPath, require, system_of
from functions.sync.tables.systems import (
    System,
    insert_system,
    lock_system,
    read_systems,
    system_key,
    update_system,
)
from shared.contracts.models import Input, Output
from shared.kit.addresses.resolution import resolve
from shared.kit.addresses.url import LONGEST_URL, parsed_url, refused_url
from shared.kit.revision import require_match, require_no_match, tag_headers
from shared.spine.auth import cipher
from shared.spine.errors import Rejected
from shared.spine.http import Call, Reply

RESOLVER_SECONDS = 3.0
Secret = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class SystemIn(Input):
    """An outside system. Without `credentials` those that are stored stay.

    `same_codes` names the kinds of codes that are equal in both systems.
    """

    kind: Annotated[str, Field(examples=["rest"], description=f"One of {', '.join(KINDS)}.")]
    url: Annotated[
        str,
        StringConstraints(min_length=1, max_length=LONGEST_URL),
        Field(description="https and a public host. Redirects are not followed."),
    ]
    credentials: Annotated[
        dict[str, Secret] | None, Field(max_length=10, description="Stored encrypted. No reply shows them.")
    ] = None
    same_codes: list[Literal["stores", "items", "tenders", "taxes", "units", "tax_classes", "categories"]] = []
    settings: Annotated[dict[str, str | int | bool], Field(max_length=30)] = {}
    enabled: bool = True


class SystemDocument(Output):
    """A system as it is stored, without its credentials. `open_until`: nothing is sent before, because it failed."""

    system: str
    chain: str
    kind: str
    url: str
    has_credentials: bool
    same_codes: list[str]
    settings: dict[str, str | int | bool]
    enabled: bool
    revision: int
    failures: int
    failure: str | None
    open_until: datetime | None


class Systems(Output):
    """The systems of a chain."""

    systems: list[SystemDocument]


def list_systems(call: Call, query: ChainQuery) -> Reply:
    """List the outside systems of a chain."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        systems = read_systems(transaction, [query.chain])
    return Reply(Systems(systems=[_document(system) for system in systems]))


def get_system(call: Call, path: SystemPath, query: ChainQuery) -> Reply:
    """Read a system. `ETag` is for a change with `If-Match`."""
    with call.env.db.transaction() as transaction:
        system = system_of(call, transaction, READ, query.chain, path.system)
    return Reply(_document(system), headers=tag_headers(system.revision))


def put_system(call: Call, path: SystemPath, query: ChainQuery, body: SystemIn) -> Reply:
    """Add a system, or replace its settings. Its circuit breaker is closed by it."""
    require(call, MANAGE, query.chain)
    _check(call, body)
    with call.once() as (work, stored):
        key = system_key(query.chain, path.system)
        before = lock_system(work, key)
        after = _changed(call, key, body, before)
        if before is None:
            require_no_match(call)
            insert_system(work, after)
        else:
            require_match(call, before.revision)
            update_system(work, after)
        stored.reply = _document(after).model_dump_json()
    return Reply(stored.reply, headers=tag_headers(after.revision))


def _check(call: Call, body: SystemIn) -> None:
    """Raises `Rejected` for an unknown kind, missing credentials, or an address to which no request may go."""
    names = credential_names(body.kind)
    if body.credentials is not None and set(body.credentials) != set(names):
        raise Rejected("credentials_wrong", f"A system of kind {body.kind} has the credentials {', '.join(names)}.")
    local = call.env.settings.stage == "local"
    try:
        resolve(parsed_url(body.url, local=local), local=local, seconds=RESOLVER_SECONDS)
    except TimeoutError:
        raise refused_url("The host's name was not resolved in time.") from None


def _changed(call: Call, key: str, body: SystemIn, before: System | None) -> System:
    settings: dict[str, Any] = dict(body.settings) | {"same_codes": sorted(set(body.same_codes) & set(CODE_KINDS))}
    if body.credentials is None and (before is None or before.kind != body.kind or before.url != body.url):
        # Stored credentials must not go to another address.
        raise Rejected("credentials_missing", "A new system, and one with another address, needs its credentials.")
    credentials = _encrypted(call, body.credentials) if body.credentials is not None else before and before.credentials
    if before is None:
        now = call.env.clock()
        return System(key, body.kind, body.url, settings, credentials or b"", body.enabled, 1, 0, 0, None, None, now)
    return replace(
        before,
        kind=body.kind,
        url=body.url,
        settings=settings,
        credentials=credentials or b"",
        enabled=body.enabled,
        revision=before.revision + 1,
        failures=0,
        failure=None,
        open_until=None,
    )


def _encrypted(call: Call, credentials: dict[str, str]) -> bytes:
    return cipher(call.env.keyring()).encrypt(json.dumps(credentials).encode())


def _document(system: System) -> SystemDocument:
    settings = {name: value for name, value in system.settings.items() if name != "same_codes"}
    return SystemDocument(
        system=system.id,
        chain=system.chain,
        kind=system.kind,
        url=system.url,
        has_credentials=bool(system.credentials),
        same_codes=system.settings.get("same_codes", []),
        settings=settings,
        enabled=system.enabled,
        revision=system.revision,
        failures=system.failures,
        failure=system.failure,
        open_until=system.open_until,
    )
