"""SQL of the table `sync_flows`: which flows a system has, their checkpoints and their last runs."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.spine.db import Row, Transaction

COLUMNS = """system_key, flow, enabled, settings, revision, position, began_at, ended_at, outcome, rows_read,
    rows_changed, run_token, run_until"""
SELECT_FLOW = f"""
    SELECT {COLUMNS} FROM sync_flows WHERE system_key = %(system)s AND flow = %(flow)s"""  # noqa: S608 - of a constant
LOCK_FLOW = f"{SELECT_FLOW} FOR UPDATE"
SELECT_OF_SYSTEM = f"SELECT {COLUMNS} FROM sync_flows WHERE system_key = %(system)s ORDER BY flow"  # noqa: S608
SELECT_ENABLED = f"""
    SELECT {COLUMNS} FROM sync_flows WHERE flow = %(flow)s AND enabled = 1 ORDER BY system_key"""  # noqa: S608
INSERT_FLOW = """
    INSERT INTO sync_flows (system_key, flow, chain_id, enabled, settings, revision, position)
    VALUES (%(system)s, %(flow)s, %(chain)s, %(enabled)s, %(settings)s, 1, %(position)s)"""
UPDATE_FLOW = """
    UPDATE sync_flows SET enabled = %(enabled)s, settings = %(settings)s, revision = revision + 1
    WHERE system_key = %(system)s AND flow = %(flow)s"""
# One worker plans at a time. The position moves only under its token.
TAKE_RUN = """
    UPDATE sync_flows SET run_token = %(token)s, run_until = %(until)s, began_at = %(now)s, rows_read = 0,
        rows_changed = 0
    WHERE system_key = %(system)s AND flow = %(flow)s AND (run_until IS NULL OR run_until <= %(now)s)"""
UPDATE_POSITION = """
    UPDATE sync_flows
    SET position = COALESCE(%(position)s, position), run_until = %(until)s, rows_read = rows_read + %(read)s,
        rows_changed = rows_changed + %(changed)s
    WHERE system_key = %(system)s AND flow = %(flow)s AND run_token = %(token)s"""
END_RUN = """
    UPDATE sync_flows SET run_token = NULL, run_until = NULL, ended_at = %(now)s, outcome = %(outcome)s
    WHERE system_key = %(system)s AND flow = %(flow)s AND run_token = %(token)s"""


@dataclass(frozen=True)
class FlowRow:
    """A flow of a system. `position` is its checkpoint. Times and counts are those of the last run."""

    system: str
    flow: str
    enabled: bool
    settings: dict[str, Any]
    revision: int
    position: str
    began_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    rows_read: int = 0
    rows_changed: int = 0


def read_flow(transaction: Transaction, system: str, flow: str) -> FlowRow | None:
    """One flow."""
    row = transaction.row(SELECT_FLOW, {"system": system, "flow": flow})
    return _flow(row) if row else None


def lock_flow(transaction: Transaction, system: str, flow: str) -> FlowRow | None:
    """One flow, locked until the end of the transaction."""
    row = transaction.row(LOCK_FLOW, {"system": system, "flow": flow})
    return _flow(row) if row else None


def read_flows(transaction: Transaction, system: str) -> list[FlowRow]:
    """The flows of a system."""
    return [_flow(row) for row in transaction.rows(SELECT_OF_SYSTEM, {"system": system})]


def read_enabled(transaction: Transaction, flow: str) -> list[FlowRow]:
    """All systems with this flow."""
    return [_flow(row) for row in transaction.rows(SELECT_ENABLED, {"flow": flow})]


def insert_flow(transaction: Transaction, flow: FlowRow, chain: str) -> None:
    """Store a new flow. Raises `Duplicate`."""
    transaction.execute(INSERT_FLOW, _values(flow) | {"chain": chain, "position": flow.position})


def update_flow(transaction: Transaction, flow: FlowRow) -> None:
    """Store the settings of a locked flow."""
    transaction.execute(UPDATE_FLOW, _values(flow))


def update_run_begun(transaction: Transaction, flow: FlowRow, token: int, now: datetime, until: datetime) -> bool:
    """Begin a run. False while another worker runs the flow."""
    values = {"system": flow.system, "flow": flow.flow, "token": token, "now": now, "until": until}
    return transaction.execute(TAKE_RUN, values) > 0


def update_position(
    transaction: Transaction,
    flow: FlowRow,
    token: int,
    position: str | None,
    until: datetime,
    read: int = 0,
    changed: int = 0,
) -> bool:
    """Move the checkpoint; None leaves it where it is.

    False where another worker has taken the run over. Then the caller must roll back.
    """
    values = {
        "system": flow.system,
        "flow": flow.flow,
        "token": token,
        "position": position,
        "until": until,
        "read": read,
        "changed": changed,
    }
    return transaction.execute(UPDATE_POSITION, values) > 0


def update_run_ended(transaction: Transaction, flow: FlowRow, token: int, now: datetime, outcome: str) -> None:
    """End a run."""
    values = {"system": flow.system, "flow": flow.flow, "token": token, "now": now, "outcome": outcome}
    transaction.execute(END_RUN, values)


def _values(flow: FlowRow) -> dict[str, object]:
    return {
        "system": flow.system,
        "flow": flow.flow,
        "enabled": flow.enabled,
        "settings": json.dumps(flow.settings),
    }


def _flow(row: Row) -> FlowRow:
    return FlowRow(
        row["system_key"],
        row["flow"],
        bool(row["enabled"]),
        json.loads(row["settings"]),
        row["revision"],
        row["position"],
        row["began_at"] and row["began_at"].replace(tzinfo=UTC),
        row["ended_at"] and row["ended_at"].replace(tzinfo=UTC),
        row["outcome"],
        row["rows_read"],
        row["rows_changed"],
    )
