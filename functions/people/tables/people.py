"""SQL of the tables `people` and `role_assignments`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.people.authority.giving import Role
from shared.spine.db import Row, Transaction

COLUMNS = "p.id, p.chain_id, p.email, p.name, p.language, p.password, p.created_at, p.disabled_at, p.revision"
# An account without a password only waits for its invitation.
SELECT_WITH_PASSWORD = f"""
    SELECT {COLUMNS} FROM people p
    WHERE p.email = %(email)s AND (%(chain)s = '' OR p.chain_id = %(chain)s) AND p.disabled_at IS NULL
        AND p.password IS NOT NULL
    ORDER BY p.created_at, p.id LIMIT %(limit)s"""  # noqa: S608 - of a constant
COUNT_MOST_ACCOUNTS = """
    SELECT COUNT(*) AS accounts FROM people WHERE password IS NOT NULL AND disabled_at IS NULL
    GROUP BY email ORDER BY accounts DESC LIMIT 1"""
SELECT_FOR_PROVIDER = f"""
    SELECT {COLUMNS} FROM people p
    WHERE p.email = %(email)s AND p.chain_id = %(chain)s AND p.disabled_at IS NULL"""  # noqa: S608 - of a constant
SELECT_PERSON = f"SELECT {COLUMNS} FROM people p WHERE p.id = %(person)s"  # noqa: S608 - of a constant
LOCK_PERSON = f"{SELECT_PERSON} FOR UPDATE"
# A chain has as many people as its index by_chain is quickly read for.
_WANTED = """p.chain_id = %(chain)s AND p.id > %(after)s
    AND (%(q)s = '' OR INSTR(LOWER(p.name), %(q)s) OR INSTR(LOWER(p.email), %(q)s))"""
SELECT_PEOPLE = f"""
    SELECT {COLUMNS} FROM people p WHERE {_WANTED}
    ORDER BY p.id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_PEOPLE_WITHIN = f"""
    SELECT {COLUMNS} FROM people p
    WHERE {_WANTED} AND p.id IN (
        SELECT a.person_id FROM role_assignments a
        WHERE (a.level = 'region' AND a.scope_id IN %(regions)s) OR (a.level = 'store' AND a.scope_id IN %(stores)s))
    ORDER BY p.id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_NAMES = "SELECT id, name FROM people WHERE id IN %(people)s AND chain_id = %(chain)s"
INSERT_PERSON = """
    INSERT INTO people (id, chain_id, email, name, language, created_at)
    VALUES (%(id)s, %(chain)s, %(email)s, %(name)s, %(language)s, %(created_at)s)"""
UPDATE_PASSWORD = "UPDATE people SET password = %(password)s WHERE id = %(person)s"  # noqa: S105 - SQL
UPDATE_PROFILE = """
    UPDATE people SET name = COALESCE(%(name)s, name), language = COALESCE(%(language)s, language),
        revision = revision + 1
    WHERE id = %(person)s"""
UPDATE_DISABLED = "UPDATE people SET disabled_at = %(disabled_at)s WHERE id = %(person)s"
SELECT_ROLES = """
    SELECT person_id, role, level, scope_id FROM role_assignments WHERE person_id IN %(people)s
    ORDER BY person_id, role, level, scope_id"""
DELETE_ROLES = "DELETE FROM role_assignments WHERE person_id = %(person)s"
INSERT_ROLE = """
    INSERT INTO role_assignments (person_id, role, level, scope_id)
    VALUES (%(person)s, %(role)s, %(level)s, %(scope_id)s)"""
# Locked, so that of two people who take each other's role one keeps it.
LOCK_HEADS = """
    SELECT p.id FROM people p JOIN role_assignments a ON a.person_id = p.id
    WHERE p.chain_id = %(chain)s AND p.disabled_at IS NULL AND a.role = 'head_office' AND a.level = 'chain'
    FOR UPDATE"""


@dataclass(frozen=True)
class Wanted:
    """People of a chain from the one after the id `after` on. `q` is a part of the name or the address, or empty."""

    chain: str
    q: str
    after: str
    limit: int

    def values(self) -> dict[str, object]:
        """As values of the statements."""
        return vars(self) | {"q": self.q.strip().lower()}


@dataclass(frozen=True)
class Account:
    """A person. `password` is a hash, None before the first one was chosen."""

    id: str
    chain: str
    email: str
    name: str
    language: str | None
    password: str | None = field(repr=False)
    created_at: datetime
    disabled_at: datetime | None
    revision: int


def read_with_password(transaction: Transaction, email: str, chain: str, limit: int) -> list[Account]:
    """The accounts with this address and a password, the oldest first; of all chains, or of the one that is named."""
    return _accounts(transaction.rows(SELECT_WITH_PASSWORD, {"email": email, "chain": chain, "limit": limit}))


def count_most_accounts(transaction: Transaction) -> int:
    """The most accounts with a password that one address has."""
    row = transaction.row(COUNT_MOST_ACCOUNTS)
    return int(row["accounts"]) if row else 0


def read_for_provider(transaction: Transaction, email: str, chain: str) -> Account | None:
    """The account of the chain with this address that is not disabled."""
    return _account(transaction.row(SELECT_FOR_PROVIDER, {"email": email, "chain": chain}))


def read_account(transaction: Transaction, person: str, *, lock: bool = False) -> Account | None:
    """The account of a person, with `lock` locked until the end of the transaction."""
    return _account(transaction.row(LOCK_PERSON if lock else SELECT_PERSON, {"person": person}))


def read_people(transaction: Transaction, wanted: Wanted) -> list[Account]:
    """The people of a chain by id."""
    return _accounts(transaction.rows(SELECT_PEOPLE, wanted.values()))


def read_people_within(
    transaction: Transaction, wanted: Wanted, regions: Sequence[str], stores: Sequence[str]
) -> list[Account]:
    """The same of those who have a role over one of these regions or stores."""
    # No region and no store has the empty id: a list in SQL may not be empty.
    values = {"regions": regions or [""], "stores": stores or [""]}
    return _accounts(transaction.rows(SELECT_PEOPLE_WITHIN, values | wanted.values()))


def read_names(transaction: Transaction, chain: str, people: Collection[str]) -> dict[str, str]:
    """The names of people of the chain, by their ids."""
    if not people:
        return {}
    rows = transaction.rows(SELECT_NAMES, {"people": sorted(people), "chain": chain})
    return {row["id"]: row["name"] for row in rows}


def read_roles(transaction: Transaction, person: str) -> list[Row]:
    """role, level and scope_id of each assignment."""
    return transaction.rows(SELECT_ROLES, {"people": [person]})


def read_roles_of(transaction: Transaction, people: Collection[str]) -> dict[str, list[Role]]:
    """The roles of each of these people."""
    found: dict[str, list[Role]] = {person: [] for person in people}
    for row in transaction.rows(SELECT_ROLES, {"people": sorted(people)}) if people else []:
        found[row["person_id"]].append(Role(row["role"], row["level"], row["scope_id"]))
    return found


def insert_person(transaction: Transaction, account: Account) -> None:
    """Store a new person. Raises `Duplicate`."""
    transaction.execute(INSERT_PERSON, vars(account))


def update_password(transaction: Transaction, person: str, password: str) -> None:
    """Store another hash."""
    transaction.execute(UPDATE_PASSWORD, {"person": person, "password": password})


def update_profile(transaction: Transaction, person: str, name: str | None, language: str | None) -> None:
    """Store what is not None, and count the revision up."""
    transaction.execute(UPDATE_PROFILE, {"person": person, "name": name, "language": language})


def update_disabled(transaction: Transaction, person: str, disabled_at: datetime | None) -> None:
    """Disable the person, or with None enable it again."""
    transaction.execute(UPDATE_DISABLED, {"person": person, "disabled_at": disabled_at})


def replace_roles(transaction: Transaction, person: str, roles: Collection[Role]) -> None:
    """Store these roles in place of all earlier ones."""
    transaction.execute(DELETE_ROLES, {"person": person})
    if roles:
        values = [{"person": person, "role": name, "level": level, "scope_id": id_} for name, level, id_ in roles]
        transaction.execute_many(INSERT_ROLE, values)


def lock_heads(transaction: Transaction, chain: str) -> set[str]:
    """The people with the role head_office in the chain, locked until the end of the transaction."""
    return {row["id"] for row in transaction.rows(LOCK_HEADS, {"chain": chain})}


def _accounts(rows: Sequence[Row]) -> list[Account]:
    return [account for account in map(_account, rows) if account]


def _account(row: Row | None) -> Account | None:
    if row is None:
        return None
    created_at = row["created_at"].replace(tzinfo=UTC)
    values = {name: row[name] for name in ("id", "email", "name", "language", "password", "disabled_at", "revision")}
    return Account(**values, chain=row["chain_id"], created_at=created_at)
