"""Every `IN %s` of the tree: what becomes of it when there is nothing to put into the list."""

import ast
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.forecast import store as forecast
from functions.members import store as members
from functions.members import store_changes, store_people
from functions.members.registry import TAGS
from functions.orders import store as orders
from functions.orders import store_erasure
from functions.orders.models import OrdersQuery
from functions.printing import store as printing
from functions.printing import store_fleet, store_plans
from shared import erasure
from shared.auth import Reach
from shared.db import EmptyList, Transaction
from shared.environment import Environment
from shared.outbox import Work
from tests.compiled import ROOT

NOW, DAY = datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1)
TAG = TAGS["recency"]
NOWHERE = Reach((), (), ())
CONSTANT = "a list of the program's own"
NEVER_EMPTY = "has one that stands for none"
Guard = Callable[..., Any]


def _all(*calls: Guard) -> Guard:
    return lambda *arguments: [call(*arguments) for call in calls]


# By statement: a call that has nothing to ask for, or why its list is never empty.
GUARDS: dict[str, Guard | str] = {
    "forecast.store.NEWEST_PULLED": lambda t: forecast.pulled_to(t, "demo", []),
    "forecast.store.HISTORIES": lambda t: forecast.histories(t, "demo", [], DAY, DAY),
    "forecast.store.WEATHER": lambda t: forecast.weather(t, "demo", ["rain"], [], DAY, DAY),
    "forecast.store.WEATHER_OF_STORE": lambda t: forecast.weather_of_store(t, "demo", [], "*", DAY, DAY),
    "forecast.store.REPORTS": lambda t: forecast.reports(t, []),
    "forecast.store.SCORE": lambda t: _all(forecast.score, forecast.score_origin)(t, "demo", [], DAY, DAY),
    "members.store.LOCK_MEMBERS": lambda t: members.lock_members(t, []),
    "members.store.SELECT_PLACES": lambda t: members.read_places(t, []),
    "members.store.SELECT_PURCHASES": lambda t: members.read_purchases(t, []),
    "members.store.SELECT_FACTS": lambda t: members.read_facts_of(t, []),
    "members.store.PULL": lambda t: members.pull(t, TAG, []),
    "members.store.SELECT_KEPT": lambda t: [members.read_kept(t, [], ["tier"]), members.read_kept(t, ["0" * 26], [])],
    "members.store.BLANK_TAGS": lambda t: members.blank_tags(t, [], NOW),
    "members.store.BLANK_DUE": lambda t: members.blank_due(t, "tier", [], NOW),
    "members.store_changes.CLAIM_CHANGES": lambda t: store_changes.claim_changes(t, NOW, []),
    "members.store_changes.SELECT_NUMBERS": "of rows that were claimed",
    "members.store_changes.DROP_TAGS": lambda t: store_changes.mark_announced(t, []),
    "members.store_changes.LOCK_BITMAPS": lambda t: store_changes.lock_bitmaps(t, "demo", []),
    "members.store_people.SELECT_LOOKUPS": lambda t: store_people.find(t, []),
    "members.store_people.DELETE_LOOKUPS": "of identities that were read",
    "members.store_people.SELECT_BITMAPS": lambda t: store_people.read_bitmaps(t, "demo", []),
    "members.store_people.SELECT_BITMAPS_OF": lambda t: store_people.read_bitmaps(t, "demo", [], ["gold"]),
    "members.store_people.SELECT_BY_NUMBER": lambda t: store_people.by_number(t, "demo", []),
    "members.store_people.SELECT_TAGS_OF": lambda t: store_people.tags_of(t, []),
    "members.store_runs.SELECT_NEXT": NEVER_EMPTY,
    "orders.store.SELECT_ORDERS": "of a page that has any",
    "orders.store.SELECT_PAYMENTS": lambda t: orders._orders(t, []),
    "orders.store.SELECT_REFUNDS": lambda t: orders._orders(t, []),
    "orders.store._FILTERS": "of the chains of a reach that is not empty",
    "orders.store_erasure.LOCK_ORDERS": lambda t: store_erasure.lock_orders(t, "demo", [], 100),
    "orders.store_erasure.ERASE_GUESTS": lambda t: store_erasure.erase_guests(t, [], NOW),
    "printing.erasing.ERASE_TICKETS": "of orders that were read",
    "printing.erasing.ERASE_PLANS": "of orders that were read",
    "printing.store.LOCK_PRINTERS": lambda t: printing.lock_printers(t, "s1", []),
    "printing.store.LOCK_OPEN_OF_AGENT": CONSTANT,
    "printing.store.COUNT_AT_AGENT": CONSTANT,
    "printing.store.SELECT_QUEUES": lambda t: printing.queues(t, "s1", [], "agent"),
    "printing.store.SELECT_DUE": NEVER_EMPTY,
    "printing.store.HURRY": CONSTANT,
    "printing.store_fleet.FLEET_AGENTS": "of stores that were read",
    "printing.store_fleet.FLEET_PRINTERS": "of stores that were read",
    "printing.store_fleet.COUNT_OPEN": lambda t: store_fleet.open_by_printer(t, []),
    "printing.store_fleet.COUNT_FOR_PERSON": "of stores that were read",
    "printing.store_fleet.COUNT_BY_CODE": "of stores that were read",
    "printing.store_fleet.FLEET_JOBS": "of stores that were read",
    "printing.store_plans.COUNT_ORDERS": lambda t: store_plans.orders_planned(t, []),
    "auth.Reach": lambda t: orders.list_orders(t, NOWHERE, OrdersQuery(), None),
    "stores.SELECT_PLACES": "of keys that a client may mean, where there are any",
    "erasure.ERASE_REPLIES": lambda t: erasure.erase_from_replies(t, [], {"$.guest": None}),
    "erasure.ERASE_MESSAGES": lambda t: erasure.erase_from_messages(t, [], {"$.data": None}),
    "outbox.EARLIER_UNSENT": "of subjects that began before",
    "outbox.CLAIM_SUBJECTS": "of messages that were announced",
    "outbox.UNSENT_OF_SUBJECTS": "of rows that were locked",
    "outbox.LEASE_MESSAGES": "of rows that were locked",
    "outbox.POSTPONE": "of messages that were refused",
    "outbox.MARK_SENT": "of messages that were taken",
}


class Silent(Transaction):
    """Asks nothing: a statement fails the test."""

    def __init__(self) -> None:
        """Without a connection."""

    def execute(self, statement: str, values: Any = ()) -> int:
        del values
        raise AssertionError(statement)

    def execute_many(self, statement: str, rows: Any) -> int:
        assert not list(rows), statement
        return 0

    def rows(self, statement: str, values: Any = ()) -> list[Any]:
        del values
        raise AssertionError(statement)


def _statements() -> Iterator[str]:
    """Names of the module constants, or else functions, whose text has a list as a parameter."""
    for path in sorted([*(ROOT / "functions").rglob("*.py"), *(ROOT / "shared").rglob("*.py")]):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if re.search(r"\bIN %(?:s|\()", ast.get_source_segment(text, node) or ""):
                yield f"{_module(path)}.{_name(node)}"


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts[1:])


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0])
    return str(getattr(node, "name", node.lineno))


def test_every_list_of_a_statement_is_guarded_here() -> None:
    assert sorted(_statements()) == sorted(GUARDS)


@pytest.mark.parametrize("statement", [name for name, guard in GUARDS.items() if callable(guard)])
def test_with_nothing_to_ask_for_nothing_is_asked(statement: str) -> None:
    guard = GUARDS[statement]
    assert callable(guard)
    guard(Silent())


@pytest.mark.parametrize("empty", [(), [], set(), frozenset()])
def test_an_empty_list_is_refused_before_it_is_sent(house: Environment, empty: Any) -> None:
    with house.outbox.work("test") as work:
        assert isinstance(work, Work)
        for call in (work.execute, work.rows, work.row):
            with pytest.raises(EmptyList, match="IN %s"):
                call("SELECT 1 FROM messages WHERE id IN %s", (empty,))
            with pytest.raises(EmptyList, match="IN %"):
                call("SELECT 1 FROM messages WHERE id IN %(ids)s", {"ids": empty})
        assert work.rows("SELECT 1 AS one") == [{"one": 1}], "the transaction goes on"
