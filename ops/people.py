"""The table of people: the first person of a chain is made here, and invites the others in the console."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ops.migrate import open_database
from shared.contracts.ids import new_id
from shared.kit.passwords import hash_of
from shared.spine.roles import LEVELS

INSERT_PERSON = """
    INSERT INTO people (id, chain_id, email, name, password, created_at) VALUES (%s, %s, %s, %s, %s, %s)"""
INSERT_ROLE = "INSERT INTO role_assignments (person_id, role, level, scope_id) VALUES (%s, %s, %s, %s)"
SELECT_PERSON = "SELECT id FROM people WHERE chain_id = %s AND email = %s"
DISABLE = "UPDATE people SET disabled_at = %s, revision = revision + 1 WHERE id = %s AND disabled_at IS NULL"
END_SESSIONS = "DELETE FROM sessions WHERE person_id = %s"
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
        with self._connection.cursor() as cursor:
            if cursor.execute(SELECT_PERSON, (chain, email.casefold())):
                raise ValueError(f"{chain} has a person {email} already")
            cursor.execute(INSERT_PERSON, (person_id, chain, email.casefold(), name, hash_of(password), now))
            cursor.executemany(INSERT_ROLE, [(person_id, *role) for role in parsed])
        return {"id": person_id, "email": email.casefold(), "password": password}

    def disable(self, chain: str, email: str) -> bool:
        """The person cannot sign in any more, and all sessions and links end. False if that was so before.

        Raises ValueError for an address that the chain does not have.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(SELECT_PERSON, (chain, email.casefold()))
            row = cursor.fetchone()
            if row is None:
                raise ValueError(f"{chain} has no person {email}")
            changed = bool(cursor.execute(DISABLE, (datetime.now(UTC), row[0])))
            for statement in (END_SESSIONS, END_LINKS):
                cursor.execute(statement, (row[0],))
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

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
