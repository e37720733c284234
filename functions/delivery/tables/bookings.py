"""SQL of the tables `fleet_bookings` and `fleet_callbacks`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.delivery.fleets.contract import FleetStatus
from functions.delivery.states import BookingState
from functions.delivery.tables.times import in_utc
from shared.spine.db import Row, Transaction

COLUMNS = """id, number, delivery_id AS delivery, store_id AS store, fleet_key AS fleet, courier_id AS courier, state,
    status, fleet_id, quote_id, quoted_until, price, currency, failure, detail, sends, first_sent_at, tries, due_at,
    asked_by, created_at, heard_at, ended_at"""
INSERT_BOOKING = """
    INSERT INTO fleet_bookings (id, number, delivery_id, store_id, fleet_key, courier_id, state, due_at, asked_by,
        created_at, is_open)
    VALUES (%(id)s, %(number)s, %(delivery)s, %(store)s, %(fleet)s, %(courier)s, %(state)s, %(due_at)s, %(asked_by)s,
        %(created_at)s, 1)"""
UPDATE_BOOKING = """
    UPDATE fleet_bookings
    SET state = %(state)s, status = %(status)s, fleet_id = %(fleet_id)s, quote_id = %(quote_id)s,
        quoted_until = %(quoted_until)s, price = %(price)s, currency = %(currency)s, failure = %(failure)s,
        detail = %(detail)s, tries = %(tries)s, due_at = %(due_at)s, heard_at = %(heard_at)s, ended_at = %(ended_at)s,
        is_open = %(is_open)s, claim_token = NULL, leased_until = NULL
    WHERE id = %(id)s"""
LOCK_BOOKING = f"SELECT {COLUMNS} FROM fleet_bookings WHERE id = %(id)s FOR UPDATE"  # noqa: S608 - of a constant
SELECT_BOOKINGS = f"""
    SELECT {COLUMNS} FROM fleet_bookings WHERE delivery_id = %(delivery)s
    ORDER BY id LIMIT 50"""  # noqa: S608 - of a constant
SELECT_BOOKINGS_OF = f"""
    SELECT {COLUMNS} FROM fleet_bookings WHERE delivery_id IN %(deliveries)s
    ORDER BY id"""  # noqa: S608 - of a constant
# A claim is free, or the worker that held it is gone.
CLAIM_BOOKINGS = """
    UPDATE fleet_bookings SET claim_token = %(token)s, leased_until = %(until)s
    WHERE is_open = 1 AND due_at <= %(now)s AND (leased_until IS NULL OR leased_until <= %(now)s)
    ORDER BY due_at LIMIT %(limit)s"""
SELECT_CLAIMED = f"""
    SELECT {COLUMNS} FROM fleet_bookings WHERE claim_token = %(token)s ORDER BY id"""  # noqa: S608 - of a constant
# Counted and stored before the request leaves, so that a killed worker is not forgotten.
UPDATE_SENT = """
    UPDATE fleet_bookings SET sends = sends + 1, first_sent_at = COALESCE(first_sent_at, %(now)s), failure = 'in_doubt'
    WHERE id IN %(ids)s AND claim_token = %(token)s"""
# The delivery is another courier's now, or it has ended, and the fleet may still come.
UPDATE_TAKEN_AWAY = """
    UPDATE fleet_bookings SET state = 'cancelling', due_at = %(now)s
    WHERE is_open = 1 AND state IN ('asked', 'sending', 'open') AND (failure IS NULL OR failure <> 'cancel_refused')
        AND NOT EXISTS (
            SELECT 1 FROM deliveries WHERE deliveries.id = fleet_bookings.delivery_id AND deliveries.is_open = 1
                AND deliveries.courier_id = fleet_bookings.courier_id)"""
SELECT_BY_ID = f"""
    SELECT {COLUMNS} FROM fleet_bookings WHERE fleet_key = %(fleet)s AND id = %(id)s"""  # noqa: S608 - of a constant
SELECT_BY_NUMBER = f"""
    SELECT {COLUMNS} FROM fleet_bookings
    WHERE fleet_key = %(fleet)s AND number = %(number)s"""  # noqa: S608 - of a constant
SELECT_BY_FLEET_ID = f"""
    SELECT {COLUMNS} FROM fleet_bookings WHERE fleet_key = %(fleet)s AND fleet_id = %(fleet_id)s
    ORDER BY id DESC LIMIT 1"""  # noqa: S608 - of a constant
INSERT_CALLBACK = """
    INSERT IGNORE INTO fleet_callbacks (fleet_key, digest, received_at) VALUES (%(fleet)s, %(digest)s, %(now)s)"""
DELETE_OLD_CALLBACKS = "DELETE FROM fleet_callbacks WHERE received_at < %(before)s LIMIT 1000"
DELETE_OLD_BOOKINGS = "DELETE FROM fleet_bookings WHERE ended_at < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class Booking:
    """A trip that a fleet was asked for. `price` is in the smallest unit of `currency`.

    `sends` counts the requests that may have made the trip. `heard_at` is when the fleet last said something.
    """

    id: str
    number: int
    delivery: str
    store: str
    fleet: str
    courier: str
    state: BookingState
    due_at: datetime
    asked_by: str
    created_at: datetime
    status: FleetStatus | None = None
    fleet_id: str | None = None
    quote_id: str | None = None
    quoted_until: datetime | None = None
    price: int | None = None
    currency: str | None = None
    failure: str | None = None
    detail: str | None = None
    sends: int = 0
    first_sent_at: datetime | None = None
    tries: int = 0
    heard_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the fleet may still come, or bring something."""
        return self.ended_at is None


def insert_booking(transaction: Transaction, booking: Booking) -> None:
    """Store a new booking. Raises `Duplicate` where the delivery has an open one."""
    transaction.execute(INSERT_BOOKING, vars(booking))


def update_booking(transaction: Transaction, booking: Booking) -> None:
    """Store a locked booking. Its claim ends."""
    transaction.execute(UPDATE_BOOKING, vars(booking) | {"is_open": 1 if booking.is_open else None})


def lock_booking(transaction: Transaction, booking_id: str) -> Booking | None:
    """The booking, locked until the end of the transaction."""
    row = transaction.row(LOCK_BOOKING, {"id": booking_id})
    return _booking(row) if row else None


def read_bookings(transaction: Transaction, delivery: str) -> list[Booking]:
    """The bookings of a delivery, the oldest first."""
    return [_booking(row) for row in transaction.rows(SELECT_BOOKINGS, {"delivery": delivery})]


def read_bookings_of(transaction: Transaction, deliveries: Sequence[str]) -> list[Booking]:
    """The bookings of these deliveries, the oldest first."""
    rows = transaction.rows(SELECT_BOOKINGS_OF, {"deliveries": tuple(deliveries)}) if deliveries else []
    return [_booking(row) for row in rows]


def claim_bookings(transaction: Transaction, token: int, now: datetime, until: datetime, limit: int) -> list[Booking]:
    """Bookings that are due, claimed by this worker until `until`."""
    if not transaction.execute(CLAIM_BOOKINGS, {"token": token, "now": now, "until": until, "limit": limit}):
        return []
    return [_booking(row) for row in transaction.rows(SELECT_CLAIMED, {"token": token})]


def update_sent(transaction: Transaction, ids: Sequence[str], token: int, now: datetime) -> bool:
    """Note that requests that may make trips leave now. False where another worker has one of the bookings."""
    return not ids or transaction.execute(UPDATE_SENT, {"ids": tuple(ids), "token": token, "now": now}) == len(ids)


def update_taken_away(transaction: Transaction, now: datetime) -> int:
    """Bookings whose delivery is another courier's, or has ended, are cancelled next. Returns their number."""
    return transaction.execute(UPDATE_TAKEN_AWAY, {"now": now})


def read_booking(
    transaction: Transaction, fleet: str, trip: str | None, number: int | None, fleet_id: str | None
) -> Booking | None:
    """The booking of an account by our key, our number or the fleet's id."""
    values: dict[str, Any] = {"fleet": fleet, "id": trip, "number": number, "fleet_id": fleet_id}
    for statement, name in ((SELECT_BY_ID, "id"), (SELECT_BY_NUMBER, "number"), (SELECT_BY_FLEET_ID, "fleet_id")):
        row = transaction.row(statement, values) if values[name] is not None else None
        if row:
            return _booking(row)
    return None


def insert_callback(transaction: Transaction, fleet: str, digest: bytes, now: datetime) -> bool:
    """Keep a callback's digest; False for a callback that came before."""
    return bool(transaction.execute(INSERT_CALLBACK, {"fleet": fleet, "digest": digest, "now": now}))


def delete_old(transaction: Transaction, callbacks_before: datetime, bookings_before: datetime) -> int:
    """Delete old callbacks and bookings, at most a thousand of each. Returns their number."""
    callbacks = transaction.execute(DELETE_OLD_CALLBACKS, {"before": callbacks_before})
    return callbacks + transaction.execute(DELETE_OLD_BOOKINGS, {"before": bookings_before})


def _booking(row: Row) -> Booking:
    values = in_utc(row)
    status = FleetStatus(row["status"]) if row["status"] else None
    return Booking(**values | {"state": BookingState(row["state"]), "status": status})
