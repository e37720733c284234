"""SQL of the table `delivery_actions`: every action that was kept or refused."""

from dataclasses import dataclass
from datetime import datetime

from functions.delivery.tables.times import in_utc
from shared.spine.db import Transaction

INSERT_ACTION = """
    INSERT IGNORE INTO delivery_actions (delivery_id, action_id, action, actor, expected, found, became, refusal,
        detail, happened_at, received_at)
    VALUES (%(delivery)s, %(id)s, %(action)s, %(actor)s, %(expected)s, %(found)s, %(became)s, %(refusal)s, %(detail)s,
        %(happened_at)s, %(received_at)s)"""
COLUMNS = """action_id AS id, delivery_id AS delivery, action, actor, expected, found, became, refusal, detail,
    happened_at, received_at"""
SELECT_ACTION = f"""
    SELECT {COLUMNS} FROM delivery_actions
    WHERE delivery_id = %(delivery)s AND action_id = %(id)s"""  # noqa: S608 - of a constant
SELECT_ACTIONS = f"""
    SELECT {COLUMNS} FROM delivery_actions WHERE delivery_id = %(delivery)s
    ORDER BY received_at, action_id LIMIT 500"""  # noqa: S608 - of a constant


@dataclass(frozen=True)
class ActionRow:
    """An action: the state that it expected, found and made. A refused one has the code of its refusal."""

    delivery: str
    id: str
    action: str
    actor: str
    expected: str | None
    found: str
    became: str | None
    refusal: str | None
    detail: str | None
    happened_at: datetime
    received_at: datetime


def insert_action(transaction: Transaction, action: ActionRow) -> bool:
    """Keep an action; False where its id was used before."""
    return bool(transaction.execute(INSERT_ACTION, vars(action)))


def read_action(transaction: Transaction, delivery_id: str, action_id: str) -> ActionRow | None:
    """The action with this id of its device."""
    row = transaction.row(SELECT_ACTION, {"delivery": delivery_id, "id": action_id})
    return ActionRow(**in_utc(row)) if row else None


def read_actions(transaction: Transaction, delivery_id: str) -> list[ActionRow]:
    """The trace of a delivery, the oldest first."""
    return [ActionRow(**in_utc(row)) for row in transaction.rows(SELECT_ACTIONS, {"delivery": delivery_id})]
