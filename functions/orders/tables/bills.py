"""SQL of the bill of an order: the fields that its changes replaced, and the table `order_changes`."""

import re

from pydantic_core import from_json

from shared.contracts.messages.bills import Delta
from shared.contracts.messages.orders import Order, order_subject
from shared.contracts.order_record import BILL_FIELDS
from shared.contracts.store_record import Store
from shared.spine.db import Transaction
from shared.spine.outbox import IS_UNSENT, Work

# A member of `orders.bill` that is no field of an order.
APPORTIONED = "apportioned"
MAX_TABLE = 100
PHONE_ENDING = 4

UPDATE_BILL = """
    UPDATE orders SET paid = %(paid)s, refunded = %(refunded)s, rounding = %(rounding)s, settled_at = %(settled_at)s,
        payment_status = %(payment)s, fulfilment_status = %(fulfilment)s, last_sequence = %(last_sequence)s,
        version = %(version)s, bill_status = %(bill_status)s, table_name = %(table)s, phone_ending = %(phone_ending)s,
        member_id = %(member)s, total = %(total)s, liabilities = %(liabilities)s, differs = %(differs)s, bill = %(bill)s
    WHERE id = %(id)s"""
# One statement for three round trips. It stores the change, unless the copy of the store that judged it is old: then no
# row has its revision. And LAST_INSERT_ID says whether an earlier message of the order is unsent. The order is locked,
# so that none can come in between.
INSERT_CHANGE = f"""
    INSERT INTO order_changes (order_id, version, changed_at, delta)
    SELECT %(order)s, %(version)s + 0 * LAST_INSERT_ID(1 + earlier.unsent), %(now)s, %(delta)s
    FROM store_records s LEFT JOIN stock_revisions k ON k.store_id = s.store_id
    JOIN (SELECT {IS_UNSENT} AS unsent) earlier
    WHERE s.store_id = %(store)s AND s.revision = COALESCE(%(revision)s, s.revision)
        AND (%(stock)s IS NULL OR COALESCE(k.revision, 0) = %(stock)s)"""  # noqa: S608 - of constants
SELECT_CHANGES = """
    SELECT delta FROM order_changes WHERE order_id = %(order)s AND version > %(after)s
    ORDER BY version LIMIT %(most)s"""


def bill_columns(order: Order) -> dict[str, object]:
    """The columns by which orders are searched, of fields that a change may replace."""
    return {
        "bill_status": order.bill,
        "table": order.table[:MAX_TABLE] if order.table else None,
        "phone_ending": _phone_ending(order),
    }


def _phone_ending(order: Order) -> str | None:
    """The last four digits of the guest's phone number. None when it has fewer."""
    digits = re.sub("[^0-9]", "", order.guest.phone) if order.guest and order.guest.phone else ""
    return digits[-PHONE_ENDING:] if len(digits) >= PHONE_ENDING else None


def is_apportioned(bill: str | None) -> bool:
    """Whether a split or a merge gave the bill its amounts, so that closing it computes nothing."""
    return bill is not None and APPORTIONED in from_json(bill)


def insert_change(work: Work, order: Order, delta: Delta, judged_by: Store | None) -> bool:
    """Store a change of a locked order. False when the store has changed since the copy `judged_by` was read."""
    subject = order_subject(order.id)
    values = {
        "order": order.id,
        "version": delta.version,
        "now": delta.at,
        "delta": delta.model_dump_json(),
        "store": order.store_key,
        "revision": judged_by.revision if judged_by else None,
        "stock": judged_by.stock_revision if judged_by else None,
        "subject": subject,
    }
    if not work.execute(INSERT_CHANGE, values):
        return False
    work.note_earlier_unsent(subject, unsent=work.last_id() > 1)
    return True


def update_bill(transaction: Transaction, order: Order, last_sequence: int, *, apportioned: bool) -> None:
    """Store the bill of an order, its statuses, and the number of its last message."""
    bill = order.model_dump_json(include=BILL_FIELDS)
    values = {
        "id": order.id, "paid": order.paid, "refunded": order.refunded, "rounding": order.rounding,
        "settled_at": order.settled_at, "payment": order.payment, "fulfilment": order.fulfilment,
        "last_sequence": last_sequence, "version": order.version, "total": order.total,
        "liabilities": order.liabilities,
        "member": order.guest.member if order.guest else None, "differs": bool(order.differences),
        "bill": f'{bill[:-1]},"{APPORTIONED}":true}}' if apportioned else bill, **bill_columns(order),
    }  # fmt: skip
    transaction.execute_with_next(UPDATE_BILL, values)


def read_changes(transaction: Transaction, order_id: str, after: int, most: int) -> list[Delta]:
    """Changes of an order, the oldest first, of the versions after this one."""
    rows = transaction.rows(SELECT_CHANGES, {"order": order_id, "after": after, "most": most})
    return [Delta.model_validate_json(row["delta"]) for row in rows]
