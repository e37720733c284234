"""SQL of the table `guest_rules`: when the guests of a chain get a push."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from shared.spine.db import Row, Transaction

COLUMNS = "chain_id, rule_id, robot_key, cause, settings, revision"
SELECT_GUEST_RULES = f"""
    SELECT {COLUMNS} FROM guest_rules WHERE chain_id = %(chain)s ORDER BY rule_id"""  # noqa: S608 - of a constant
SELECT_BY_CAUSE = f"""
    SELECT {COLUMNS} FROM guest_rules WHERE chain_id = %(chain)s AND cause IN %(causes)s
    ORDER BY rule_id"""  # noqa: S608 - of a constant
LOCK_RULE = f"""
    SELECT {COLUMNS} FROM guest_rules WHERE chain_id = %(chain)s AND rule_id = %(rule)s FOR UPDATE"""  # noqa: S608
SELECT_OF_ROBOT = "SELECT 1 FROM guest_rules WHERE robot_key = %(robot)s LIMIT 1"
INSERT_RULE = f"""
    INSERT INTO guest_rules ({COLUMNS})
    VALUES (%(chain)s, %(id)s, %(robot)s, %(cause)s, %(settings)s, 1)"""  # noqa: S608 - of a constant
UPDATE_RULE = """
    UPDATE guest_rules
    SET robot_key = %(robot)s, cause = %(cause)s, settings = %(settings)s, revision = revision + 1
    WHERE chain_id = %(chain)s AND rule_id = %(id)s"""
DELETE_RULE = "DELETE FROM guest_rules WHERE chain_id = %(chain)s AND rule_id = %(rule)s"


@dataclass(frozen=True)
class GuestRule:
    """A rule of a chain as it is stored."""

    chain: str
    id: str
    robot: str
    cause: str
    settings: dict[str, Any]
    revision: int = 1


def read_guest_rules(transaction: Transaction, chain: str) -> list[GuestRule]:
    """The rules of a chain by id."""
    return [_rule(row) for row in transaction.rows(SELECT_GUEST_RULES, {"chain": chain})]


def read_rules_of_cause(transaction: Transaction, chain: str, causes: Collection[str]) -> list[GuestRule]:
    """The rules of a chain for these causes."""
    values = {"chain": chain, "causes": tuple(causes)}
    return [_rule(row) for row in transaction.rows(SELECT_BY_CAUSE, values)] if causes else []


def lock_guest_rule(transaction: Transaction, chain: str, rule: str) -> GuestRule | None:
    """One rule, locked."""
    row = transaction.row(LOCK_RULE, {"chain": chain, "rule": rule})
    return _rule(row) if row else None


def read_robot_has_rules(transaction: Transaction, robot: str) -> bool:
    """Whether a rule sends by this account."""
    return transaction.row(SELECT_OF_ROBOT, {"robot": robot}) is not None


def insert_guest_rule(transaction: Transaction, rule: GuestRule) -> None:
    """Store a new rule."""
    transaction.execute(INSERT_RULE, _values(rule))


def update_guest_rule(transaction: Transaction, rule: GuestRule) -> None:
    """Replace a locked rule."""
    transaction.execute(UPDATE_RULE, _values(rule))


def delete_guest_rule(transaction: Transaction, chain: str, rule: str) -> None:
    """Delete a rule."""
    transaction.execute(DELETE_RULE, {"chain": chain, "rule": rule})


def _values(rule: GuestRule) -> dict[str, object]:
    return vars(rule) | {"settings": json.dumps(rule.settings, ensure_ascii=False)}


def _rule(row: Row) -> GuestRule:
    settings = json.loads(row["settings"])
    return GuestRule(row["chain_id"], row["rule_id"], row["robot_key"], row["cause"], settings, row["revision"])
