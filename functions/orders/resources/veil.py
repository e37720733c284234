"""Replies about orders, masked for a person without `personal:read` in the store of the order."""

import json
from collections.abc import Sequence

from pydantic import BaseModel

from functions.orders.intake import store_copies
from shared.contracts.messages.orders import Order
from shared.kit.masking import masked
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply


def is_veiled(call: Call, transaction: Transaction, order: Order) -> bool:
    """Whether the caller may read the order and not its guest."""
    if call.client.person is None:
        return False
    return not call.client.sees_personal(store_copies.recent_copy(call.env, transaction, order.store_key).scope)


def veiled_reply(document: BaseModel) -> Reply:
    """The document with its personal data masked."""
    return Reply(json.dumps(masked(json.loads(document.model_dump_json())), ensure_ascii=False))


def veiled_orders(call: Call, transaction: Transaction, orders: Sequence[Order]) -> list[Order]:
    """The orders, each masked where the caller may not see its guest."""
    if call.client.person is None:
        return list(orders)
    return [_veiled(order) if is_veiled(call, transaction, order) else order for order in orders]


def _veiled(order: Order) -> Order:
    return Order.model_validate_json(json.dumps(masked(json.loads(order.model_dump_json()))))
