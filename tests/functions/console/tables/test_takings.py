"""The row of an order in `takings` follows the newest message."""

import itertools
import json
from pathlib import Path

import pytest

from functions.console.tables.takings import Taking, read_newest_day, read_takings, upsert_takings
from shared.contracts.messages.orders import Order
from shared.spine.env import Environment

BODY = json.loads(Path("events/console/on_order_paid.json").read_text(encoding="utf-8"))["Records"][0]["body"]
ORDER = Order.model_validate(json.loads(BODY)["data"]["order"])


@pytest.mark.parametrize("sequences", list(itertools.permutations([1, 2, 3])))
def test_the_newest_message_counts_in_any_order_of_delivery(env: Environment, sequences: tuple[int, ...]) -> None:
    refunded = {1: 0, 2: 100, 3: 225}
    with env.db.transaction() as transaction:
        for sequence in sequences:
            order = ORDER.model_copy(update={"refunded": refunded[sequence]})
            day, key = order.business_day, order.store_key
            row = Taking(order.chain, day, key, order.currency, 12, order.id, order.revenue, sequence)
            upsert_takings(transaction, [row])
        [takings] = read_takings(transaction, ORDER.chain, ORDER.business_day, ORDER.business_day)
        assert (takings["orders"], takings["revenue"]) == (1, ORDER.total - 225)
        assert read_newest_day(transaction, ORDER.chain, ORDER.business_day) == ORDER.business_day
