"""SQL of the tables `people` and `role_assignments`."""

from dataclasses import dataclass
from datetime import datetime

from shared.spine.db import Row, Transaction

# The oldest account of an address, where chains have one each and the caller names none.
SELECT_FOR_SIGN_IN = """
    SELECT id, chain_id, email, name, language, password, disabled_at FROM people
    WHERE email = %(email)s AND (%(chain)s = '' OR chain_id = %(chain)s) AND disabled_at IS NULL
    ORDER BY created_at, id LIMIT 1"""
SELECT_PERSON = "SELECT id, chain_id, email, name, language, password, disabled_at FROM people WHERE id = %(person)s"
UPDATE_PASSWORD = "UPDATE people SET password = %(password)s WHERE id = %(person)s"  # noqa: S105 - SQL
SELECT_ROLES = """
    SELECT role, level, scope_id FROM role_assignments WHERE person_id = %(person)s
    ORDER BY role, level, scope_id"""


@dataclass(frozen=True)
class Account:
    """A person who may sign in. `password` is a hash, None before the first one was chosen."""

    id: str
    chain: str
    email: str
    name: str
    language: str | None
    password: str | None
    disabled_at: datetime | None


def read_for_sign_in(transaction: Transaction, email: str, chain: str = "") -> Account | None:
    """The account with this address that is not disabled."""
    return _account(transaction.row(SELECT_FOR_SIGN_IN, {"email": email, "chain": chain}))


def read_account(transaction: Transaction, person: str) -> Account | None:
    """The account of a person."""
    return _account(transaction.row(SELECT_PERSON, {"person": person}))


def read_roles(transaction: Transaction, person: str) -> list[Row]:
    """role, level and scope_id of each assignment."""
    return transaction.rows(SELECT_ROLES, {"person": person})


def update_password(transaction: Transaction, person: str, password: str) -> None:
    """Store another hash."""
    transaction.execute(UPDATE_PASSWORD, {"person": person, "password": password})


def _account(row: Row | None) -> Account | None:
    if row is None:
        return None
    return Account(
        row["id"], row["chain_id"], row["email"], row["name"], row["language"], row["password"], row["disabled_at"]
    )
