"""SQL of the table `outlet_people`: people to whom an order escalates, and the operations chats of a chain."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from shared.spine.db import Row, Transaction

COLUMNS = "person_id, chain_id, store_id, name, role, robot_key, address, first_day, last_day"
SELECT_OF_CHAIN = f"""
    SELECT {COLUMNS} FROM outlet_people WHERE chain_id = %(chain)s ORDER BY role, person_id"""  # noqa: S608
SELECT_ON_CALL = f"""
    SELECT {COLUMNS} FROM outlet_people
    WHERE chain_id = %(chain)s AND role IN %(roles)s AND (store_id IS NULL OR store_id = %(store)s)
        AND (first_day IS NULL OR first_day <= %(day)s) AND (last_day IS NULL OR last_day >= %(day)s)
    ORDER BY store_id IS NULL, person_id"""  # noqa: S608 - of a constant
INSERT_PERSON = f"""
    INSERT INTO outlet_people ({COLUMNS})
    VALUES (%(id)s, %(chain)s, %(store)s, %(name)s, %(role)s, %(robot)s, %(address)s, %(first_day)s,
        %(last_day)s)"""  # noqa: S608 - of a constant
UPDATE_PERSON = """
    UPDATE outlet_people
    SET store_id = %(store)s, name = %(name)s, role = %(role)s, robot_key = %(robot)s, address = %(address)s,
        first_day = %(first_day)s, last_day = %(last_day)s
    WHERE person_id = %(id)s AND chain_id = %(chain)s"""
DELETE_PERSON = "DELETE FROM outlet_people WHERE person_id = %(id)s AND chain_id = %(chain)s"


@dataclass(frozen=True)
class Person:
    """A person, or a group chat. `role` is `call`, `second`, `head_office` or `operations`."""

    id: str
    chain: str
    store: str | None
    name: str
    role: str
    robot: str
    address: str
    first_day: date | None = None
    last_day: date | None = None


def read_people(transaction: Transaction, chain: str) -> list[Person]:
    """The people of a chain and of its outlets."""
    return [_person(row) for row in transaction.rows(SELECT_OF_CHAIN, {"chain": chain})]


def read_on_call(transaction: Transaction, chain: str, store: str, roles: Collection[str], day: date) -> list[Person]:
    """Those on call on a day. People of the outlet come first."""
    values = {"chain": chain, "store": store, "roles": tuple(roles), "day": day}
    return [_person(row) for row in transaction.rows(SELECT_ON_CALL, values)] if roles else []


def insert_person(transaction: Transaction, person: Person) -> None:
    """Store a new person."""
    transaction.execute(INSERT_PERSON, vars(person))


def update_person(transaction: Transaction, person: Person) -> bool:
    """Whether the person was changed."""
    return transaction.execute(UPDATE_PERSON, vars(person)) > 0


def delete_person(transaction: Transaction, chain: str, person: str) -> bool:
    """Whether there was such a person."""
    return transaction.execute(DELETE_PERSON, {"id": person, "chain": chain}) > 0


def _person(row: Row) -> Person:
    return Person(
        row["person_id"],
        row["chain_id"],
        row["store_id"],
        row["name"],
        row["role"],
        row["robot_key"],
        row["address"],
        row["first_day"],
        row["last_day"],
    )
