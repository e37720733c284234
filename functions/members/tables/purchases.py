"""The SQL of the ledger: a purchase for each order of a member, and the sums that stay after an erasure."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from functions.members.facts.totals import Purchase
from shared.spine.db import Row, Transaction

_PURCHASE = """
    SELECT order_id, store_id, business_day, currency, total, paid, refunded, basket, taken, last_sequence
    FROM member_purchases"""
SELECT_PURCHASES = f"{_PURCHASE} WHERE (member_id, order_id) IN %s"
SELECT_PURCHASES_OF_MEMBER = f"{_PURCHASE} WHERE member_id = %s"
UPSERT_PURCHASES = """
    INSERT INTO member_purchases
        (member_id, order_id, store_id, business_day, currency, total, paid, refunded, basket, taken, last_sequence)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE total = VALUES(total), paid = VALUES(paid), refunded = VALUES(refunded),
        basket = VALUES(basket), taken = VALUES(taken), last_sequence = VALUES(last_sequence)"""
UPDATE_OWNER = "UPDATE member_purchases SET member_id = %s WHERE member_id = %s"
DELETE_PURCHASES = "DELETE FROM member_purchases WHERE member_id = %s"
# The purchases of a forgotten member stay, order by order, without a member.
INSERT_FORGOTTEN = """
    INSERT INTO forgotten_purchases (order_id, chain_id, store_id, business_day, currency, purchases, amount)
    SELECT order_id, %s, store_id, business_day, currency, 1,
        LEAST(GREATEST(taken, total) - refunded, total)
    FROM member_purchases WHERE member_id = %s AND paid AND GREATEST(taken, total) > refunded"""
# `purchases` becomes 0 if all the money was refunded.
UPDATE_FORGOTTEN = """
    UPDATE forgotten_purchases SET amount = LEAST(amount, %s), purchases = amount > 0 WHERE order_id = %s"""


class LedgerEntry(NamedTuple):
    """A purchase in the ledger. `sequence` counts the messages that announced it."""

    purchase: Purchase
    sequence: int


def read_ledger_entries(transaction: Transaction, keys: Sequence[tuple[str, str]]) -> dict[str, LedgerEntry]:
    """Entries by order, for keys of (member, order)."""
    rows = transaction.rows(SELECT_PURCHASES, (tuple(keys),)) if keys else []
    return {row["order_id"]: LedgerEntry(_purchase(row), row["last_sequence"]) for row in rows}


def read_purchases(transaction: Transaction, member_id: str) -> list[Purchase]:
    """All purchases of a member."""
    return [_purchase(row) for row in transaction.rows(SELECT_PURCHASES_OF_MEMBER, (member_id,))]


def _purchase(row: Row) -> Purchase:
    return Purchase(
        order=row["order_id"],
        store=row["store_id"],
        day=row["business_day"],
        currency=row["currency"],
        total=row["total"],
        paid=bool(row["paid"]),
        refunded=row["refunded"],
        basket=json.loads(row["basket"]),
        paid_amount=row["taken"],
    )


def upsert_ledger_entries(transaction: Transaction, entries: Iterable[tuple[str, LedgerEntry]]) -> None:
    """Write entries, each with our id of its member."""
    if rows := [_row(member_id, *entry) for member_id, entry in entries]:
        transaction.execute_many(UPSERT_PURCHASES, rows)


def _row(member_id: str, purchase: Purchase, sequence: int) -> tuple[object, ...]:
    basket = json.dumps(purchase.basket, ensure_ascii=False, separators=(",", ":"))
    return (
        member_id, purchase.order, purchase.store, purchase.day, purchase.currency, purchase.total, purchase.paid,
        purchase.refunded, basket, purchase.paid_amount, sequence,
    )  # fmt: skip


def update_purchases_owner(transaction: Transaction, member_id: str, into: str) -> None:
    """Give all purchases of a member to another member."""
    transaction.execute(UPDATE_OWNER, (into, member_id))


def delete_purchases(transaction: Transaction, chain: str, member_id: str) -> None:
    """Delete a member's ledger. The amounts stay by order, without the member."""
    transaction.execute(INSERT_FORGOTTEN, (chain, member_id))
    transaction.execute(DELETE_PURCHASES, (member_id,))


def update_forgotten_purchases(transaction: Transaction, purchases: Iterable[Purchase]) -> None:
    """Lower the amounts of orders of forgotten members by their refunds."""
    for purchase in purchases:
        transaction.execute(UPDATE_FORGOTTEN, (purchase.net, purchase.order))
