"""SQL of the table `deliveries`."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import details_of
from functions.delivery.states import Carriage, Goods
from functions.delivery.tables.times import in_utc
from shared.spine.db import Duplicate, Row, Transaction

COLUMNS = """id, order_id, chain_id, store_id, number, member_id, goods, carriage, courier_id, details, item_lines,
    shorts, parcels, times, refused_by, proof, why, wanted_from, wanted_until, ready_at, offered_until, link_hash,
    link_encrypted, pin_tries, order_sequence, revision, sequence, created_at, changed_at, ended_at"""
INSERT_DELIVERY = f"""
    INSERT INTO deliveries ({COLUMNS}, is_open)
    VALUES (%(id)s, %(order)s, %(chain)s, %(store)s, %(number)s, %(member)s, %(goods)s, %(carriage)s, %(courier)s,
        %(details)s, %(lines)s, %(shorts)s, %(parcels)s, %(times)s, %(refused_by)s, %(proof)s, %(why)s,
        %(wanted_from)s, %(wanted_until)s, %(ready_at)s, %(offered_until)s, %(link_hash)s, %(link_encrypted)s,
        %(pin_tries)s, %(order_sequence)s, %(revision)s, %(sequence)s, %(created_at)s, %(changed_at)s, %(ended_at)s,
        %(is_open)s)"""  # noqa: S608 - of a constant
UPDATE_DELIVERY = """
    UPDATE deliveries
    SET member_id = %(member)s, goods = %(goods)s, carriage = %(carriage)s, courier_id = %(courier)s,
        details = %(details)s, item_lines = %(lines)s, shorts = %(shorts)s, parcels = %(parcels)s, times = %(times)s,
        refused_by = %(refused_by)s, proof = %(proof)s, why = %(why)s, wanted_from = %(wanted_from)s,
        wanted_until = %(wanted_until)s, ready_at = %(ready_at)s, offered_until = %(offered_until)s,
        pin_tries = %(pin_tries)s, order_sequence = %(order_sequence)s, revision = %(revision)s,
        sequence = %(sequence)s, changed_at = %(changed_at)s, ended_at = %(ended_at)s, is_open = %(is_open)s
    WHERE id = %(id)s"""
SELECT_DELIVERY = f"SELECT {COLUMNS} FROM deliveries WHERE id = %(id)s"  # noqa: S608 - of a constant
LOCK_DELIVERY = f"{SELECT_DELIVERY} FOR UPDATE"
LOCK_OF_ORDER = f"SELECT {COLUMNS} FROM deliveries WHERE order_id = %(order)s FOR UPDATE"  # noqa: S608 - of a constant
SELECT_OF_ORDER = f"SELECT {COLUMNS} FROM deliveries WHERE order_id = %(order)s"  # noqa: S608 - of a constant
SELECT_BY_LINK = f"SELECT {COLUMNS} FROM deliveries WHERE link_hash = %(link)s"  # noqa: S608 - of a constant
SELECT_OPEN = f"""
    SELECT {COLUMNS} FROM deliveries WHERE store_id IN %(stores)s AND is_open = 1 AND id > %(after)s
    ORDER BY id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_UNASSIGNED = f"""
    SELECT {COLUMNS} FROM deliveries
    WHERE store_id IN %(stores)s AND is_open = 1 AND carriage = 'unassigned' AND ready_at <= %(ready_by)s
        AND wanted_until > %(wanted_after)s
    ORDER BY ready_at, id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_GIVEN = f"""
    SELECT {COLUMNS} FROM deliveries WHERE store_id IN %(stores)s AND is_open = 1 AND courier_id IS NOT NULL
    ORDER BY id LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_LATE_OFFERS = """
    SELECT id FROM deliveries WHERE offered_until <= %(now)s AND carriage = 'offered'
    ORDER BY offered_until LIMIT %(limit)s"""
SELECT_ENDED = f"""
    SELECT {COLUMNS} FROM deliveries WHERE store_id IN %(stores)s AND is_open IS NULL AND id < %(before)s
    ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608 - of a constant
SELECT_OF_COURIER = f"""
    SELECT {COLUMNS} FROM deliveries WHERE courier_id = %(courier)s AND is_open = 1 AND chain_id = %(chain)s
    ORDER BY id LIMIT 100"""  # noqa: S608 - of a constant
SELECT_CARRIED = f"""
    SELECT {COLUMNS}, (SELECT fixes FROM delivery_tracks WHERE delivery_id = deliveries.id) AS fixes FROM deliveries
    WHERE courier_id = %(courier)s AND chain_id = %(chain)s AND (is_open = 1 OR ended_at > %(since)s)
    ORDER BY id DESC LIMIT 100"""  # noqa: S608 - of a constant
SELECT_IDS_OF_COURIER = """
    SELECT id FROM deliveries WHERE courier_id = %(courier)s AND is_open = 1 AND chain_id = %(chain)s"""
SELECT_LOADS = """
    SELECT courier_id, COUNT(*) AS orders FROM deliveries
    WHERE courier_id IN %(couriers)s AND is_open = 1 AND chain_id = %(chain)s
    GROUP BY courier_id"""
MOST_OPEN, MOST_GIVEN = 500, 2_000
LAST_ID = "7" + "Z" * 25


def insert_delivery(transaction: Transaction, delivery: Delivery) -> bool:
    """Store a new delivery. False where the order has one."""
    try:
        transaction.execute(INSERT_DELIVERY, _values(delivery))
    except Duplicate:
        return False
    return True


def update_delivery(transaction: Transaction, delivery: Delivery) -> None:
    """Store a locked delivery."""
    transaction.execute(UPDATE_DELIVERY, _values(delivery))


def read_delivery(transaction: Transaction, delivery_id: str) -> Delivery | None:
    """The delivery."""
    return _first(transaction, SELECT_DELIVERY, {"id": delivery_id})


def lock_delivery(transaction: Transaction, delivery_id: str) -> Delivery | None:
    """The delivery, locked until the end of the transaction."""
    return _first(transaction, LOCK_DELIVERY, {"id": delivery_id})


def read_of_order(transaction: Transaction, order_id: str) -> Delivery | None:
    """The delivery of an order."""
    return _first(transaction, SELECT_OF_ORDER, {"order": order_id})


def lock_of_order(transaction: Transaction, order_id: str) -> Delivery | None:
    """The same, locked until the end of the transaction."""
    return _first(transaction, LOCK_OF_ORDER, {"order": order_id})


def read_by_link(transaction: Transaction, link_hash: bytes) -> Delivery | None:
    """The delivery whose customer's page has the link."""
    return _first(transaction, SELECT_BY_LINK, {"link": link_hash})


def read_open(
    transaction: Transaction, stores: Sequence[str], after: str | None = None, limit: int = MOST_OPEN
) -> list[Delivery]:
    """Open deliveries of the stores, the oldest first."""
    values = {"stores": tuple(stores), "after": after or "", "limit": limit}
    return _all(transaction, SELECT_OPEN, values) if stores else []


def read_unassigned(
    transaction: Transaction, stores: Sequence[str], ready_by: datetime, wanted_after: datetime
) -> list[Delivery]:
    """Deliveries without a courier that are ready by a moment and promised after another, at most 500.

    The first that are ready come first. So neither scheduled nor forgotten ones hide those of now.
    """
    values = {"stores": tuple(stores), "ready_by": ready_by, "wanted_after": wanted_after, "limit": MOST_OPEN}
    return _all(transaction, SELECT_UNASSIGNED, values) if stores else []


def read_given(transaction: Transaction, stores: Sequence[str]) -> list[Delivery]:
    """Open deliveries of the stores that are offered or given to a courier, at most 2,000."""
    values = {"stores": tuple(stores), "limit": MOST_GIVEN}
    return _all(transaction, SELECT_GIVEN, values) if stores else []


def read_late_offers(transaction: Transaction, now: datetime) -> list[str]:
    """Ids of deliveries whose courier did not answer in time, in all stores, at most 500."""
    rows = transaction.rows(SELECT_LATE_OFFERS, {"now": now, "limit": MOST_OPEN})
    return [row["id"] for row in rows]


def read_ended(transaction: Transaction, stores: Sequence[str], before: str | None, limit: int) -> list[Delivery]:
    """Ended deliveries of the stores, the newest first."""
    values = {"stores": tuple(stores), "before": before or LAST_ID, "limit": limit}
    return _all(transaction, SELECT_ENDED, values) if stores else []


def read_of_courier(transaction: Transaction, chain: str, courier: str) -> list[Delivery]:
    """Open deliveries of a courier, offers among them."""
    return _all(transaction, SELECT_OF_COURIER, {"chain": chain, "courier": courier})


def read_ids_of_courier(transaction: Transaction, chain: str, courier: str) -> set[str]:
    """Ids of the open deliveries of a courier, offers among them."""
    rows = transaction.rows(SELECT_IDS_OF_COURIER, {"chain": chain, "courier": courier})
    return {row["id"] for row in rows}


def read_carried(transaction: Transaction, chain: str, courier: str, since: datetime) -> list[tuple[Delivery, str]]:
    """Deliveries of a courier that are open, or ended after a moment, each with the fixes of its track."""
    rows = transaction.rows(SELECT_CARRIED, {"chain": chain, "courier": courier, "since": since})
    fixes = [row.pop("fixes") or "" for row in rows]
    return list(zip(map(delivery_of, rows), fixes, strict=True))


def read_loads(transaction: Transaction, chain: str, couriers: Sequence[str]) -> dict[str, int]:
    """The number of open deliveries, offers among them, of each courier that has any."""
    values = {"chain": chain, "couriers": tuple(couriers)}
    rows = transaction.rows(SELECT_LOADS, values) if couriers else []
    return {row["courier_id"]: int(row["orders"]) for row in rows}


def _first(transaction: Transaction, statement: str, values: dict[str, Any]) -> Delivery | None:
    row = transaction.row(statement, values)
    return delivery_of(row) if row else None


def _all(transaction: Transaction, statement: str, values: dict[str, Any]) -> list[Delivery]:
    return [delivery_of(row) for row in transaction.rows(statement, values)]


def _values(delivery: Delivery) -> dict[str, Any]:
    texts: dict[str, Any] = {
        name: json.dumps(getattr(delivery, name), ensure_ascii=False)
        for name in ("lines", "shorts", "refused_by", "proof", "why")
    }
    texts["times"] = json.dumps({state: moment.isoformat() for state, moment in delivery.times.items()})
    texts["details"] = delivery.details.model_dump_json()
    return {**vars(delivery), **texts, "is_open": 1 if delivery.is_open else None}


def delivery_of(row: Row) -> Delivery:
    """The delivery of a row that has `COLUMNS` and no others."""
    values = in_utc(row)
    lists = {name: tuple(json.loads(row[name])) for name in ("shorts", "refused_by")}
    return Delivery(
        order=values.pop("order_id"),
        chain=values.pop("chain_id"),
        store=values.pop("store_id"),
        member=values.pop("member_id"),
        courier=values.pop("courier_id"),
        lines=tuple(json.loads(values.pop("item_lines"))),
        **values
        | lists
        | {
            "goods": Goods(row["goods"]),
            "carriage": Carriage(row["carriage"]),
            "details": details_of(row["details"]),
            "times": {state: datetime.fromisoformat(text) for state, text in json.loads(row["times"]).items()},
            "proof": json.loads(row["proof"]),
            "why": json.loads(row["why"]),
        },
    )
