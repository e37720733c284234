"""Messages to announce and to sweep, and a broker that misbehaves."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.messages.orders import (
    FulfilmentStatus,
    Order,
    OrderPlaced,
    PaymentStatus,
    Service,
    Source,
    SourceKind,
)
from shared.spine.env import Environment
from stack.mariadb import MariaDB

NewEnvironments = Callable[..., Environment]
SUBJECTS_ROW = "SELECT last_number FROM pickup_numbers WHERE store_id = 's' FOR UPDATE"


class Clock:
    """The real time, moved ahead at will."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def order(number: int = 1) -> Order:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    return Order(
        id="01ARZ3NDEKTSV4RRFFQ69G5FAV", store="s", chain="c", source=Source(kind=SourceKind.TILL, id="t", number="1"),
        pickup_number=number, business_day=moment.date(), service=Service.DINE_IN, table=None, guest=None, lines=[],
        discounts=[], subtotal=0, service_charge=0, delivery_charge=0, tax=0, total=0, currency="USD",
        payment=PaymentStatus.PAID, fulfilment=FulfilmentStatus.PLACED, paid=0, refunded=0, payments=[], refunds=[],
        differences=[], placed_at=moment, received_at=moment, wanted_for=None,
    )  # fmt: skip


def announce(env: Environment, subject: str, *sequences: int) -> None:
    with env.outbox.work("test") as work:
        for sequence in sequences:
            work.announce(OrderPlaced(order=order(sequence)), subject=subject, sequence=sequence)


def sweep(env: Environment) -> int:
    return env.outbox.send_due(env.clock() + timedelta(seconds=60))


def subjects(messages: list[dict[str, Any]]) -> dict[str, list[int]]:
    """Sequence numbers by subject, in the order of arrival."""
    found: dict[str, list[int]] = defaultdict(list)
    for message in messages:
        found[message["subject"]].append(message["sequence"])
    return dict(found)


def unsent(database: MariaDB) -> int:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM messages WHERE sent_at IS NULL")
        return int(cursor.fetchone()[0])
