"""SQL that reads the names of those who changed or started something: people of a chain, and its jobs."""

from collections.abc import Iterable, Mapping

from shared.spine.db import Transaction

# How ids of a person, and of a job that starts a timer, are kept.
PERSON, JOB = "p-", "job "
# Of the view that `people` publishes.
SELECT_PEOPLE = "SELECT person_id AS id, name FROM person_names WHERE person_id IN %(ids)s AND chain_id = %(chain)s"
SELECT_TITLES = "SELECT id, title AS name FROM jobs WHERE id IN %(ids)s AND chain_id = %(chain)s"


def read_names_of(transaction: Transaction, chain: str, actors: Iterable[str | None]) -> Mapping[str, str]:
    """The name of each actor that the chain knows: of a person, or the title of a job. API keys have none."""
    asked = {actor for actor in actors if actor}
    names: dict[str, str] = {}
    for prefix, statement in ((PERSON, SELECT_PEOPLE), (JOB, SELECT_TITLES)):
        if ids := [actor.removeprefix(prefix) for actor in sorted(asked) if actor.startswith(prefix)]:
            rows = transaction.rows(statement, {"ids": ids, "chain": chain})
            names |= {f"{prefix}{row['id']}": row["name"] for row in rows}
    return names
