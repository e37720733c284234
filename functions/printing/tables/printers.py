"""The SQL of printing but for its agents: how stores print, their printers, orders, jobs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from functions.printing.tables.rows import with_utc
from functions.printing.ticket.records import Profile
from shared.spine.db import Row, Transaction

SELECT_PRINTER = """
    SELECT store_id, id, profile, backup, last_seq, agent_id, state, paper, cover, error, proof, trouble, reported_at,
        changed_at
    FROM print_printers"""
SELECT_PRINTERS = f"{SELECT_PRINTER} WHERE store_id = %s ORDER BY id"
# In one order for everybody, so that no two wait for each other.
LOCK_PRINTERS = f"{SELECT_PRINTER} WHERE store_id = %s AND id IN %s ORDER BY id FOR UPDATE"
# One that comes back goes on counting where it stopped: agents remember what they had.
INSERT_PRINTER = """
    INSERT INTO print_printers (store_id, id, profile, last_seq)
    SELECT %s, %s, %s, COALESCE(MAX(seq), 0) FROM print_jobs WHERE store_id = %s AND printer = %s
    ON DUPLICATE KEY UPDATE id = print_printers.id"""
UPDATE_SETTINGS = "UPDATE print_printers SET profile = %s, backup = %s WHERE store_id = %s AND id = %s"
DELETE_PRINTER = "DELETE FROM print_printers WHERE store_id = %s AND id = %s"
UPDATE_STATE = """
    UPDATE print_printers SET agent_id = %s, state = %s, paper = %s, cover = %s, error = %s, proof = %s, trouble = %s,
        reported_at = %s, changed_at = %s
    WHERE store_id = %s AND id = %s"""
UPDATE_LAST_SEQ = "UPDATE print_printers SET last_seq = %s WHERE store_id = %s AND id = %s"


@dataclass(frozen=True)
class Printer:
    """A printer with its settings and what its agent said of it last."""

    store_id: str
    id: str
    profile: Profile
    backup: str | None
    last_seq: int
    agent_id: str | None
    state: str | None
    paper: str | None
    cover: str | None
    error: str | None
    proof: str | None
    trouble: str | None
    reported_at: datetime | None
    changed_at: datetime | None

    @property
    def can_print(self) -> bool:
        """A printer that never answers prints, as far as anybody knows; so does one of which nothing was said yet."""
        return self.state in (None, "ready", "mute", "unchecked")


def read_printers(transaction: Transaction, store_id: str) -> dict[str, Printer]:
    """By id."""
    rows = transaction.rows(SELECT_PRINTERS, (store_id,))
    return {row["id"]: printer_from_row(row) for row in rows}


def lock_printer(transaction: Transaction, store_id: str, printer: str) -> Printer:
    """Locked, so that its jobs are numbered and sent one after the other; made where there was none."""
    return lock_printers(transaction, store_id, {printer})[printer]


def lock_printers(transaction: Transaction, store_id: str, wanted: Collection[str]) -> dict[str, Printer]:
    """The same of several, by id."""
    found = _lock_existing(transaction, store_id, wanted)
    if missing := sorted(set(wanted) - found.keys()):
        for printer in missing:
            transaction.execute(INSERT_PRINTER, (store_id, printer, Profile().model_dump_json(), store_id, printer))
        found |= _lock_existing(transaction, store_id, missing)
    return found


def _lock_existing(transaction: Transaction, store_id: str, wanted: Collection[str]) -> dict[str, Printer]:
    rows = transaction.rows(LOCK_PRINTERS, (store_id, tuple(wanted))) if wanted else []
    return {row["id"]: printer_from_row(row) for row in rows}


def update_printer_settings(
    transaction: Transaction, store_id: str, printer: str, profile: Profile, backup: str | None
) -> None:
    """A printer's settings; made where there was none."""
    lock_printer(transaction, store_id, printer)
    transaction.execute(UPDATE_SETTINGS, (profile.model_dump_json(), backup, store_id, printer))


def delete_printer(transaction: Transaction, store_id: str, printer: str) -> bool:
    """Whether there was one."""
    return transaction.execute(DELETE_PRINTER, (store_id, printer)) > 0


def update_printer_state(transaction: Transaction, printer: Printer) -> None:
    """Keep what its agent says of it."""
    values = (
        printer.agent_id, printer.state, printer.paper, printer.cover, printer.error, printer.proof, printer.trouble,
        printer.reported_at, printer.changed_at, printer.store_id, printer.id,
    )  # fmt: skip
    transaction.execute(UPDATE_STATE, values)


def update_last_seq(transaction: Transaction, printer: Printer, count: int) -> range:
    """The next numbers of a locked printer."""
    transaction.execute(UPDATE_LAST_SEQ, (printer.last_seq + count, printer.store_id, printer.id))
    return range(printer.last_seq + 1, printer.last_seq + count + 1)


def printer_from_row(row: Row) -> Printer:
    """The printer in a row of `SELECT_PRINTER`."""
    return Printer(**with_utc(row) | {"profile": Profile.model_validate_json(row["profile"])})
