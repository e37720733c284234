"""SQL of a chain's pushes and consents in numbers, for the people who run them."""

from collections.abc import Collection
from dataclasses import dataclass

from functions.outlets.states import PushState
from functions.outlets.tables.guest_pushes import COLUMNS, GuestPush, push_of_row
from shared.spine.db import Transaction

COUNT_PUSHES = """
    SELECT rule_id, state, reason, COUNT(*) AS pushes, MAX(push_id) AS newest FROM guest_pushes
    WHERE robot_key IN %(accounts)s AND push_id >= %(since)s
    GROUP BY rule_id, state, reason ORDER BY rule_id, state, reason"""
SELECT_NEWEST = f"""
    SELECT {COLUMNS} FROM guest_pushes WHERE robot_key IN %(accounts)s AND push_id >= %(since)s
    ORDER BY push_id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
# A chain of a million guests must not hold the page: so many rights are counted at the most.
COUNT_FREE = """
    SELECT template, COUNT(*) AS free, COUNT(DISTINCT contact_id) AS guests FROM (
        SELECT r.template, r.contact_id FROM guest_contacts c JOIN guest_rights r ON r.contact_id = c.contact_id
        WHERE c.chain_id = %(chain)s AND c.gone_at IS NULL AND r.state = 'free' LIMIT %(most)s
    ) counted
    GROUP BY template ORDER BY template"""


@dataclass(frozen=True)
class PushCount:
    """Pushes of a rule with one outcome. `newest` is the id of the last one."""

    rule: str
    state: PushState
    reason: str | None
    pushes: int
    newest: str


@dataclass(frozen=True)
class FreeCount:
    """The messages that a template may still send, and the guests who may get them."""

    template: str
    free: int
    guests: int


def read_push_counts(transaction: Transaction, accounts: Collection[str], since: str) -> list[PushCount]:
    """The pushes of these accounts from the id `since`, by rule and outcome."""
    if not accounts:
        return []
    rows = transaction.rows(COUNT_PUSHES, {"accounts": tuple(accounts), "since": since})
    return [
        PushCount(row["rule_id"], PushState(row["state"]), row["reason"], row["pushes"], row["newest"]) for row in rows
    ]


def read_newest_pushes(transaction: Transaction, accounts: Collection[str], since: str, limit: int) -> list[GuestPush]:
    """The newest pushes of these accounts, the newest first."""
    if not accounts:
        return []
    values = {"accounts": tuple(accounts), "since": since, "limit": limit}
    return [push_of_row(row) for row in transaction.rows(SELECT_NEWEST, values)]


def read_free_counts(transaction: Transaction, chain: str, most: int) -> list[FreeCount]:
    """The messages that each template of the chain may still send. At most `most` are counted."""
    rows = transaction.rows(COUNT_FREE, {"chain": chain, "most": most})
    return [FreeCount(row["template"], row["free"], row["guests"]) for row in rows]
