"""Sends orders of members to the functions of members as order intake does, and reads their tables."""

import itertools
import json
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

from functions.members import on_order_paid, on_order_refunded
from functions.members.calculator.calculate import tag_handler
from functions.members.facts.totals import facts_of
from functions.members.membership.consents import set_profiling
from functions.members.membership.enrolment import lock_member
from functions.members.membership.erasure import forget_member
from functions.members.membership.merge import merge_members
from functions.members.recalculation.expiry import expire_tags
from functions.members.segments.tag_changes import announce_changes
from functions.members.tables.bitmaps import read_bitmaps
from functions.members.tables.members import update_member
from functions.members.tables.purchases import read_purchases
from functions.members.tags.registry import TAGS
from shared.contracts.ids import member_id, new_id
from shared.kit.isolation import Isolation
from shared.kit.stepped_work import SteppedWork, run_steps
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.support.orders import Caller

CHAIN = "demo"
Json = dict[str, Any]
HANDLERS = {"order.paid": on_order_paid.handler, "order.refunded": on_order_refunded.handler}
TAG_HANDLERS = {name: tag_handler(tag) for name, tag in TAGS.items()}
BATCH = 100
NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
EVER = datetime(9999, 1, 1, tzinfo=UTC)
ANNA, BEN, CYD = (member_id(CHAIN, name) for name in ("anna", "ben", "cyd"))
ZED = member_id("other", "zed")
Work = Callable[[Environment], Any]


def an_order(member: str | None, at: datetime, **different: Any) -> Json:
    """An order of one pizza for 10.00 at the till of store s1, paid in full. Keyword arguments replace fields."""
    order = {
        "id": new_id(at), "store": "s1", "chain": CHAIN, "source": {"kind": "till", "id": "t1", "number": "1"},
        "pickup_number": 1, "business_day": at.date().isoformat(), "service": "dine_in", "table": None,
        "guest": {"member": member} if member else None, "lines": [a_line()], "discounts": [], "subtotal": 1000,
        "service_charge": 0, "delivery_charge": 0, "tax": 0, "total": 1000, "currency": "USD", "payment": "paid",
        "fulfilment": "placed", "paid": 1000, "refunded": 0, "payments": [], "refunds": [], "differences": [],
        "placed_at": at.isoformat(), "received_at": at.isoformat(), "wanted_for": None,
    } | different  # fmt: skip
    if "paid" not in different:
        order["paid"] = order["total"]
    return order


def a_line(item: str = "pizza", category: str = "food", quantity: int = 1) -> Json:
    return {
        "item": item, "name": item, "category": category, "size": None, "options": [], "quantity": quantity,
        "unit_price": 0, "amount": 0, "note": None, "station": None,
    }  # fmt: skip


def paid(order: Json) -> Json:
    """The message `order.paid`."""
    return _message("order.paid", order, {})


def refunded(order: Json, amount: int) -> Json:
    """The message `order.refunded`. `amount` is the sum of all refunds."""
    refund = {"reference": f"r{amount}", "amount": amount, "reason": "", "refunded_at": order["placed_at"]}
    return _message("order.refunded", order | {"refunded": amount}, {"refund": refund})


def _message(kind: str, order: Json, more: Json) -> Json:
    now = datetime.now(UTC)
    head = {"specversion": "1.0", "id": new_id(now), "type": kind, "source": "/dumbwaiter/orders", "sequence": 1}
    about = {"subject": f"order/{order['id']}", "time": now.isoformat(), "dataschema": "x", "storeid": order["store"]}
    return head | about | {"data": {"order": order} | more}


def record(body: Json, number: int = 0, tries: int = 1) -> Json:
    return {
        "messageId": f"m{number}", "receiptHandle": f"r{number}", "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(tries)}, "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:members",
    }  # fmt: skip


def batches(messages: Sequence[Json], size: int = BATCH) -> Iterator[Json]:
    for start in range(0, len(messages), size):
        part = messages[start : start + size]
        yield {"Records": [record(body, number) for number, body in enumerate(part)]}


def tell(messages: Sequence[Json], size: int = BATCH) -> None:
    """Send messages to the functions of their types, in batches and in this order."""
    pending: list[Json] = []
    for message in [*messages, None]:
        if pending and (message is None or message["type"] != pending[0]["type"] or len(pending) == size):
            hear(HANDLERS[pending[0]["type"]], pending, size)
            pending = []
        if message is not None:
            pending.append(message)


def hear(handler: Any, messages: Sequence[Json], size: int = BATCH) -> None:
    hear_all(handler, batches(messages, size))


def hear_all(handler: Any, events: Iterable[Json]) -> None:
    for event in events:
        assert handler(event, Context()) == {"batchItemFailures": []}


class Town:
    """The environment of the functions, and the database as another reader sees it."""

    def __init__(self, env: Environment, database: MariaDB) -> None:
        self.env = env
        self._database = database
        self.url = database.owner.url
        self._heard = ""

    def open_store(self, store: str, city: str | None = None, timezone: str = "UTC", chain: str = CHAIN) -> None:
        settings = json.dumps({"timezone": timezone, "city": city})
        self.run(
            "INSERT INTO stores (id, chain_id, region_id, revision, settings, sold_out)"
            " VALUES (%s, %s, 'r', 1, %s, '[]')",
            (f"{chain}:{store}", chain, settings),
        )

    def spread(self, tags: Iterable[str] = TAG_HANDLERS, size: int = BATCH) -> int:
        """Send `member.purchased` since the last call to every tag's function. Returns the number of messages."""
        rows = self.run(
            "SELECT id, body FROM messages WHERE type = 'member.purchased' AND id > %s ORDER BY id", (self._heard,)
        )
        events = list(batches([json.loads(body) for _, body in rows], size))
        for tag in tags:
            hear_all(TAG_HANDLERS[tag], events)
        if rows:
            self._heard = rows[-1][0]
        return len(rows)

    def announce(self) -> int:
        return announce_changes(self.env, EVER)

    def expire(self) -> int:
        return expire_tags(self.env, EVER)

    def tags(self) -> dict[tuple[str, str], str]:
        """Values by (member, tag), without empty values."""
        rows = self.run("SELECT member_id, tag, value FROM member_tags WHERE value <> ''")
        return {(member, tag): value for member, tag, value in rows}

    def facts(self) -> dict[str, tuple[str | bytes, ...]]:
        rows = self.run("SELECT member_id, days, habits, favourites, categories, items FROM member_facts")
        return {member: tuple(parts) for member, *parts in rows}

    def days(self, member: str) -> list[tuple[Any, ...]]:
        """Day, currency, purchases, amount, pieces, discounted, read without the product's code."""
        packed = self.facts()[member][0]
        assert isinstance(packed, bytes)
        n = len(packed) // 28
        numbers = struct.unpack(f"<{5 * n}i{n}q", packed)
        days, codes, purchases, pieces, discounted = (numbers[at * n : (at + 1) * n] for at in range(5))
        sums = zip(purchases, numbers[5 * n :], pieces, discounted, strict=True)
        steps = [tuple(map(int.__sub__, now, old)) for old, now in itertools.pairwise([(0, 0, 0, 0), *sums])]
        names = [struct.pack("<i", code)[:3].decode() for code in codes]
        return [(date.fromordinal(day), name, *step) for day, name, step in zip(days, names, steps, strict=True)]

    def count(self, table: str) -> int:
        return int(self.run(f"SELECT COUNT(*) FROM {table}")[0][0])

    def connect(self, *, autocommit: bool = False) -> Any:
        return self._database.owner.connect(autocommit=autocommit)

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())


def work_off(env: Environment, *kinds: SteppedWork[Any]) -> None:
    """Run all steps that are due."""
    with Isolation() as isolation:
        run_steps(env, EVER, isolation, kinds)


@contextmanager
def at(env: Environment, moment: datetime | date) -> Iterator[None]:
    """The environment with another clock."""
    real = env.clock
    fixed = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day, 12, tzinfo=UTC)
    env.clock = lambda: fixed
    try:
        yield
    finally:
        env.clock = real


def bought(town: Town, name: str, *days_ago: int, **parts: Any) -> list[Any]:
    """The member's orders, a purchase on each of these days before NOON, with all its tags."""
    orders = [an_order(name, NOON - timedelta(days=ago), **parts) for ago in days_ago]
    tell([paid(order) for order in orders])
    with at(town.env, NOON):
        town.spread()
    return orders


def announced_data(town: Town, kind: str) -> list[Any]:
    """The data of all messages of a type."""
    rows = town.run("SELECT body FROM messages WHERE type = %s ORDER BY id", (kind,))
    return [json.loads(body)["data"] for (body,) in rows]


def counts(town: Town, tag: str) -> dict[str, int]:
    """The number of members by value, from the bitmaps."""
    with town.env.db.transaction() as transaction:
        bitmaps = read_bitmaps(transaction, CHAIN, [tag])
    return {value: bitmap.bit_count() for (_, value, _), bitmap in bitmaps.items() if bitmap}


def facts_by_ledger(town: Town) -> dict[str, tuple[str | bytes, ...]]:
    """The facts by member, counted again from the ledger."""
    with town.env.db.transaction() as transaction:
        return {
            member: tuple(facts_of(read_purchases(transaction, member)).written().values())
            for (member,) in town.run("SELECT member_id FROM member_facts")
        }


def opt_out(town: Town, name: str = "anna") -> None:
    with town.env.outbox.work("members") as work:
        member = lock_member(work, CHAIN, name)
        update_member(work, member.id, profiling=False, marketing=False, first_store=None)
        set_profiling(town.env, work, member, profiling=False)


def forget(town: Town, name: str = "anna") -> None:
    with town.env.outbox.work("members") as work:
        forget_member(town.env, work, CHAIN, name)


def merge(town: Town, name: str, into: str) -> None:
    with at(town.env, NOON), town.env.outbox.work("members") as work:
        merge_members(town.env, work, CHAIN, name, into)


def query_segment(members: Caller, view: str, where: str, more: str = "") -> Any:
    """The answer of `/v1/segments/{view}`."""
    answer = members("GET", f"/v1/segments/{view}?chain=demo&where={quote(where)}{more}")
    assert answer.status == 200, answer.text
    return answer
