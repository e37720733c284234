"""SQL of the table `timer_settings`: what people decided about timers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.timers.schedules.schedule import Schedule, parse_schedule
from shared.spine.db import Row, Transaction

COLUMNS = "name, paused_at, paused_by, schedule, changed_at, changed_by, sequence"
INSERT_SETTING = "INSERT IGNORE INTO timer_settings (name) VALUES (%(name)s)"
LOCK_SETTING = f"SELECT {COLUMNS} FROM timer_settings WHERE name = %(name)s FOR UPDATE"  # noqa: S608 - of a constant
SELECT_SETTINGS = f"SELECT {COLUMNS} FROM timer_settings WHERE name IN %(names)s"  # noqa: S608 - of a constant
UPDATE_SETTING = """
    UPDATE timer_settings
    SET paused_at = %(paused_at)s, paused_by = %(paused_by)s, schedule = %(schedule)s, changed_at = %(changed_at)s,
        changed_by = %(changed_by)s, sequence = %(sequence)s
    WHERE name = %(name)s"""
# Of the view that `stores` publishes.
SELECT_CHAINS = "SELECT DISTINCT chain_id FROM store_places"
SELECT_ZONES = "SELECT timezone FROM store_places WHERE chain_id = %(chain)s LIMIT 100"


@dataclass(frozen=True)
class Setting:
    """The setting of a timer, as people decided. Without `schedule` that of the template holds."""

    name: str
    paused_at: datetime | None = None
    paused_by: str | None = None
    schedule: Schedule | None = None
    changed_at: datetime | None = None
    changed_by: str | None = None
    sequence: int = 0

    @property
    def is_paused(self) -> bool:
        """Whether the timer runs only when a person asks."""
        return self.paused_at is not None


def lock_setting(transaction: Transaction, name: str) -> Setting:
    """The setting of a timer, locked until the end of the transaction; a new row where it had none."""
    row = transaction.row(LOCK_SETTING, {"name": name})
    if row is None:
        transaction.execute(INSERT_SETTING, {"name": name})
        row = transaction.row(LOCK_SETTING, {"name": name})
    assert row is not None  # it is there, inserted by us or by another
    return _setting(row)


def read_settings(transaction: Transaction, names: Collection[str]) -> dict[str, Setting]:
    """The settings of these timers, by name; a default one where there is no row."""
    rows = transaction.rows(SELECT_SETTINGS, {"names": tuple(names)}) if names else []
    return {name: Setting(name) for name in names} | {row["name"]: _setting(row) for row in rows}


def update_setting(transaction: Transaction, setting: Setting) -> None:
    """Store a locked setting."""
    schedule = str(setting.schedule) if setting.schedule else None
    transaction.execute(UPDATE_SETTING, vars(setting) | {"schedule": schedule})


def read_chains(transaction: Transaction) -> list[str]:
    """All chains that have a store in this stage."""
    return [row["chain_id"] for row in transaction.rows(SELECT_CHAINS)]


def read_zones(transaction: Transaction, chain: str) -> list[str]:
    """The time zones of at most a hundred stores of the chain."""
    return [row["timezone"] for row in transaction.rows(SELECT_ZONES, {"chain": chain})]


def _setting(row: Row) -> Setting:
    times = {name: row[name] and row[name].replace(tzinfo=UTC) for name in ("paused_at", "changed_at")}
    return Setting(**row | times | {"schedule": parse_schedule(row["schedule"]) if row["schedule"] else None})
