"""The table of people: the first person of a chain is made here, and invites the others in the console."""

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple

from ops.migrate import open_database
from shared.contracts.ids import new_id
from shared.kit.passwords import hash_of
from shared.spine.roles import LEVELS

INSERT_PERSON = """
    INSERT INTO people (id, chain_id, email, name, password, created_at) VALUES (%s, %s, %s, %s, %s, %s)"""
INSERT_ROLE = "INSERT INTO role_assignments (person_id, role, level, scope_id) VALUES (%s, %s, %s, %s)"
SELECT_PERSON = "SELECT id, disabled_at FROM people WHERE chain_id = %s AND email = %s"
DISABLE = "UPDATE people SET disabled_at = %s, revision = revision + 1 WHERE id = %s AND disabled_at IS NULL"
END_SESSIONS = "DELETE FROM sessions WHERE person_id = %s"
INSERT_LINK = """
    INSERT INTO person_links (token_hash, person_id, made_by, made_at, expires_at) VALUES (%s, %s, %s, %s, %s)"""
INSERT_ENTRY = """
    INSERT INTO audit_entries (id, chain_id, at, actor, session_id, operation, path, store_id, status, request, fields)
    VALUES (%s, %s, %s, %s, NULL, %s, %s, NULL, %s, '', %s)"""
# Who acts, in the audit trail and in links: no person and no key has this name.
ACTOR = "command"
LINK_LASTS = timedelta(hours=72)
END_LINKS = "DELETE FROM person_links WHERE person_id = %s"
LIST = """
    SELECT p.id, p.chain_id, p.email, p.name, p.created_at, p.disabled_at, a.role, a.level, a.scope_id
    FROM people p LEFT JOIN role_assignments a ON a.person_id = p.id ORDER BY p.chain_id, p.email"""


class Role(NamedTuple):
    """A role over a chain, a region or a store, by the id of that."""

    name: str
    level: str
    scope: str

    @classmethod
    def parse(cls, text: str, chain: str) -> "Role":
        """From `head_office`, `marketing`, `region:NORTH`, `store_manager:MAIN` or `operator:store:MAIN`.

        Raises ValueError.
        """
        name, *places = text.split(":")
        levels = LEVELS.get(name)
        if levels is None:
            raise ValueError(f"there is no role {name}; there are {', '.join(LEVELS)}")
        level = places[0] if len(places) > 1 else levels[0]
        scope = places[-1] if places else chain
        if level not in levels or len(places) > 2 or (level != "chain" and not places) or not scope:  # noqa: PLR2004
            raise ValueError(f"{text!r} lacks its place: write {name}:ID, where {name} has {' or '.join(levels)}")
        return cls(name, level, chain if level == "chain" else scope)


class People:
    """The people of all chains."""

    def __init__(self, database_url: str) -> None:
        self._connection = open_database(database_url)

    def add(
        self, chain: str, email: str, name: str, roles: Sequence[str], password: str | None = None
    ) -> dict[str, str]:
        """A new person: {"id", "email", "password"}. Raises ValueError for what is no role."""
        parsed = [Role.parse(text, chain) for text in roles]
        password = password or secrets.token_urlsafe(15)
        now = datetime.now(UTC)
        person_id = new_id(now)
        with self._at_once() as cursor:
            if cursor.execute(SELECT_PERSON, (chain, email.casefold())):
                raise ValueError(f"{chain} has a person {email} already")
            cursor.execute(INSERT_PERSON, (person_id, chain, email.casefold(), name, hash_of(password), now))
            cursor.executemany(INSERT_ROLE, [(person_id, *role) for role in parsed])
            fields = ("email", "name", "roles")
            _record(cursor, chain, "people.invite_person", "/v1/people", HTTPStatus.CREATED, now, *fields)
        return {"id": person_id, "email": email.casefold(), "password": password}

    def make_link(self, chain: str, email: str) -> tuple[str, datetime]:
        """(token, when it expires) of a one-time link to choose another password. Earlier links of the person end.

        Raises ValueError for an address that the chain does not have, and for a disabled person.
        """
        now, token = datetime.now(UTC), secrets.token_urlsafe(32)
        expires_at = now + LINK_LASTS
        with self._at_once() as cursor:
            person, disabled_at = _person(cursor, chain, email)
            if disabled_at is not None:
                raise ValueError(f"{email} is disabled")
            cursor.execute(END_LINKS, (person,))
            token_hash = hashlib.sha256(token.encode()).digest()
            cursor.execute(INSERT_LINK, (token_hash, person, ACTOR, now, expires_at))
            path = f"/v1/people/{person}/links"
            _record(cursor, chain, "people.make_link", path, HTTPStatus.CREATED, now)
        return token, expires_at

    def disable(self, chain: str, email: str) -> bool:
        """The person cannot sign in any more, and all sessions and links end. False if that was so before.

        Raises ValueError for an address that the chain does not have.
        """
        now = datetime.now(UTC)
        with self._at_once() as cursor:
            person, _ = _person(cursor, chain, email)
            changed = bool(cursor.execute(DISABLE, (now, person)))
            for statement in (END_SESSIONS, END_LINKS):
                cursor.execute(statement, (person,))
            if changed:
                _record(cursor, chain, "people.change_person", f"/v1/people/{person}", HTTPStatus.OK, now, "disabled")
        return changed

    def known(self, chain: str, email: str) -> bool:
        """Whether the chain has a person with this address."""
        with self._connection.cursor() as cursor:
            return bool(cursor.execute(SELECT_PERSON, (chain, email.casefold())))

    def list(self) -> list[tuple[Any, ...]]:
        """id, chain, email, name, created_at, disabled_at, role, level and scope, a row for each role."""
        with self._connection.cursor() as cursor:
            cursor.execute(LIST)
            return list(cursor.fetchall())

    @contextmanager
    def _at_once(self) -> Iterator[Any]:
        """A cursor in one transaction."""
        self._connection.begin()
        try:
            with self._connection.cursor() as cursor:
                yield cursor
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def _person(cursor: Any, chain: str, email: str) -> tuple[str, datetime | None]:
    """(id, disabled_at). Raises ValueError for an address that the chain does not have."""
    cursor.execute(SELECT_PERSON, (chain, email.casefold()))
    row = cursor.fetchone()
    if row is None:
        raise ValueError(f"{chain} has no person {email}")
    return row[0], row[1]


def _record(
    cursor: Any, chain: str, operation: str, path: str, status: HTTPStatus, now: datetime, *fields: str
) -> None:
    """An entry of the audit trail, as the operation of the API leaves one."""
    cursor.execute(
        INSERT_ENTRY, (new_id(now), chain, now, ACTOR, operation, path, int(status), json.dumps(sorted(fields)))
    )
