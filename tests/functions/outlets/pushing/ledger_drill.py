"""python -m tests.functions.outlets.pushing.ledger_drill [EVENTS] [SEED]: the ledger in its tables against the oracle.

Events of guests and templates come shuffled, a tenth of them twice. After each event the tables and the oracle must
name the same number of free rights.
"""

import random
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from functions.outlets.guests.consents import PushResult
from functions.outlets.pushing.ledger import add_accept, add_refusal, settle_right, take_right
from ops.migrate import migrate
from shared.spine.db import Database, Transaction, connect
from stack.mariadb import MariaDB
from tests.functions.outlets.guests.consent_oracle import Oracle

START = datetime(2026, 11, 30, tzinfo=UTC)
Event = tuple[tuple[str, str], tuple[str, str, int]]


def shuffled_events(events: int, seed: int) -> list[Event]:
    """Events of some guests and templates in a random order."""
    chance = random.Random(seed)
    keys = [(f"{guest:026}", f"t{template}") for guest in range(max(1, events // 100)) for template in range(2)]
    made: list[Event] = []
    for _ in range(events * 9 // 10):
        [kind] = chance.choices(
            ["accept", "take", "shown", "not_shown", "no_right", "unknown", "refuse"], [40, 30, 12, 8, 2, 5, 3]
        )
        is_push = kind not in ("accept", "refuse")
        name = f"p{chance.randrange(8)}" if is_push else f"a{chance.randrange(10**9)}"
        made.append((chance.choice(keys), (kind, name, chance.randrange(1000))))
    made += chance.sample(made, events - len(made))
    chance.shuffle(made)
    return made


def apply(transaction: Transaction, oracle: Oracle, event: Event) -> bool:
    """Whether a push took a right. The tables and the oracle get the same event."""
    (contact, template), (kind, name, second) = event
    at = START + timedelta(seconds=second)
    if kind == "accept":
        oracle.log.append(("accept", name, second))
        add_accept(transaction, contact, template, name, at)
    elif kind == "refuse":
        oracle.log.append(("refuse", name, second))
        add_refusal(transaction, contact, template, at)
    elif kind == "take":
        may_send = take_right(transaction, contact, template, name)
        assert may_send == oracle.take(name, second), event
        return may_send
    else:
        oracle.settle(name, kind, second)
        settle_right(transaction, contact, template, name, PushResult(kind), at)
    return False


def run(database: Database, events: int, seed: int) -> tuple[int, int]:
    """(pushes that took a right, free rights at the end). Raises AssertionError at the first difference."""
    oracles: dict[Any, Oracle] = {}
    taken = 0
    for number, event in enumerate(shuffled_events(events, seed)):
        oracle = oracles.setdefault(event[0], Oracle())
        with database.transaction() as transaction:
            taken += apply(transaction, oracle, event)
            free = _free(transaction, *event[0])
        assert free == len(oracle.free()), (number, event, free)
    return taken, sum(len(oracle.free()) for oracle in oracles.values())


def _free(transaction: Transaction, contact: str, template: str) -> int:
    rows = transaction.rows(
        "SELECT COUNT(*) AS free FROM guest_rights WHERE contact_id = %s AND template = %s AND state = 'free'",
        (contact, template),
    )
    return int(rows[0]["free"])


def main() -> None:
    """Start a database of its own, and tell the figures."""
    events, seed = (int(text) for text in [*sys.argv[1:], "100000", "19"][:2])
    with TemporaryDirectory() as folder, MariaDB(Path(folder), durable=False) as server:
        migrate(server.owner.url)
        account = asdict(server.functions)
        secret = account | {"username": account["user"], "dbname": account["database"], "tls": False}
        database = Database(lambda autocommit: connect(secret, autocommit=autocommit))
        taken, free = run(database, events, seed)
        database.close()
    sys.stdout.write(f"{events} events, seed {seed}: {taken} pushes took a right, {free} are free, no difference\n")


if __name__ == "__main__":
    main()
