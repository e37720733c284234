"""A chain whose nights are run by the functions themselves, on a real database and the emulator's object storage."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from functions.forecast import nightly_forecast, nightly_training, score_forecasts, train_part
from shared.contracts.ids import store_key
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.functions.forecast import chains

CHAIN = "demo"
FIRST = date(2025, 1, 6)
DAYS = 140
LAST = FIRST + timedelta(days=DAYS - 1)
STORES = ("north", "south", "west")
HANDLERS = {
    "forecast.training_due": train_part.handler,
    "forecast.trained": nightly_forecast.handler,
    "forecast.ready": score_forecasts.handler,
}
KEEP_ORDER = """
    INSERT INTO orders (id, chain_id, store_id, source_kind, source_id, source_number, source_day, request_hash,
        business_day, pickup_number, placed_at, received_at, settled_at, currency, total, paid, refunded,
        payment_status, fulfilment_status, differs, last_sequence, document)
    VALUES (%s, %s, %s, 'till', 't', %s, %s, '', %s, %s, %s, %s, %s, 'USD', %s, %s, 0, 'paid', 'placed', 0, 1, '{}')"""


@dataclass
class Chain:
    """Stores of one chain, as seen from outside of the functions."""

    env: Environment
    database: MariaDB
    heard: set[str] = field(default_factory=set)
    name: str = CHAIN

    def open_stores(self, names: Iterable[str]) -> None:
        settings = json.dumps({"timezone": "America/New_York", "currency": "USD", "name": "x", "day_ends_at": "04:00"})
        for name in names:
            self.run(
                "INSERT INTO stores (id, chain_id, region_id, revision, settings, sold_out)"
                " VALUES (%s, %s, 'east', 1, %s, '[]')",
                (store_key(self.name, name), self.name, settings),
            )

    def sell(self, amounts: Sequence[tuple[str, date, int]]) -> None:
        """One paid order of so many cents a store and day."""
        rows = []
        for number, (store, day, cents) in enumerate(amounts):
            order = f"{day:%Y%m%d}{zlib.crc32(self.name.encode()):010d}{number:08d}"
            key = store_key(self.name, store)
            rows.append((order, self.name, key, order, day, day, number + 1, day, day, day, cents, cents))
        with self.database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.executemany(KEEP_ORDER, rows)

    def begin(self, last_day: date) -> None:
        """Four in the morning of New York, the day after."""
        with at(self.env, datetime(last_day.year, last_day.month, last_day.day, 9, tzinfo=UTC) + timedelta(days=1)):
            nightly_training.handler({}, Context())

    def messages(self) -> list[dict[str, Any]]:
        """Announced since the last time."""
        rows = self.run("SELECT id, body FROM messages WHERE type LIKE 'forecast.%%' ORDER BY id")
        new = [(message_id, body) for message_id, body in rows if message_id not in self.heard]
        self.heard |= {message_id for message_id, _ in new}
        return [json.loads(body) for _, body in new]

    def night(self, last_day: date, times: int = 1) -> list[str]:
        """Run a night and deliver each message `times`; returns the types that were announced."""
        self.begin(last_day)
        types: list[str] = []
        while messages := self.messages():
            types += [message["type"] for message in messages]
            for message in messages * times:
                self.deliver(message)
        return types

    def deliver(self, message: dict[str, Any]) -> None:
        if handler := HANDLERS.get(message["type"]):
            assert handler({"Records": [record(message)]}, Context(milliseconds=900_000)) == {"batchItemFailures": []}

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())


def record(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "messageId": "m", "receiptHandle": "r", "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1"}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:forecast",
    }  # fmt: skip


@contextmanager
def at(env: Environment, moment: datetime) -> Iterator[None]:
    """The env with another clock."""
    real = env.clock
    env.clock = lambda: moment
    try:
        yield
    finally:
        env.clock = real


def sales(first: date, days: int, factor: float = 1.0) -> list[tuple[str, date, int]]:
    rows = chains.rows(3, days, first=first, seed=first.toordinal())
    amounts = [
        (STORES[int(row["store_id"][1])], date.fromisoformat(row["date"]), round(row["revenue"] * 100 * factor))
        for row in rows.to_dict("records")
    ]
    return [(store, day, cents) for store, day, cents in amounts if store != "west" or day.weekday()]


def forecasts(chain: Chain) -> list[tuple[Any, ...]]:
    """Of the chain, by store, day and origin; a store as it is named within the chain."""
    return chain.run(
        "SELECT SUBSTRING_INDEX(store_id, ':', -1), day, origin, mean, p10, p50, p90, reasons FROM forecasts"
        " WHERE chain_id = %s ORDER BY 1, 2, 3",
        (chain.name,),
    )
