"""Earlier revisions of a store: what is stored of them, for how long, and how they are read."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from functions.orders.tables.store_history import read_store_at
from functions.stores.tables.store_versions import insert_version
from shared.contracts.menu import Menu
from shared.contracts.store_record import Store
from shared.contracts.store_settings import OpeningHours, StoreSettings
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.environments import Another
from tests.support.orders import open_store
from tests.support.store_changes import NOON, change, menu_with_cola_at


@pytest.fixture
def shop(another: Another) -> str:
    """A store that has been open since a day before noon."""
    return open_store(another(NOON - timedelta(days=1)))


def test_what_no_sale_can_be_judged_by_any_more_is_dropped(another: Another, shop: str, database: MariaDB) -> None:
    for days, price in ((0, 310), (8, 320), (9, 330)):
        change(another, NOON + timedelta(days=days), shop, "menu", menu_with_cola_at(price))
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT revision FROM store_versions ORDER BY revision")
        # Revision 1 had no menu and 2 the first: both ended before the eight days.
        assert [revision for (revision,) in cursor.fetchall()] == [3, 4]


def test_a_sold_out_mark_keeps_no_copy_of_the_menu(another: Another, shop: str, database: MariaDB) -> None:
    change(another, NOON, shop, "sold-out", {"items": ["cola"]})
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT settings, opening_hours, menu, sold_out FROM store_versions ORDER BY revision DESC LIMIT 1"
        )
        assert cursor.fetchall() == ((None, None, None, "[]"),)


BASE = {"name": "x", "chain": "demo", "region": "east", "timezone": "America/New_York", "currency": "USD"}
STATES = some.fixed_dictionaries({
    "settings": some.sampled_from(["a", "b"]).map(lambda name: StoreSettings.model_validate(BASE | {"name": name})),
    "hours": some.sampled_from([None, OpeningHours(week=[[]] * 7)]),
    "menu": some.sampled_from([300, 320]).map(lambda price: Menu.model_validate(menu_with_cola_at(price))),
    "sold_out": some.sampled_from([frozenset[str](), frozenset({"cola"})]),
})  # fmt: skip
LIVES = some.lists(some.tuples(some.integers(0, 3), STATES), min_size=2, max_size=8)


@given(life=LIVES, at=some.integers(0, 30))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_life_of_a_store_is_remembered(env: Environment, life: list[tuple[int, Any]], at: int) -> None:
    """Each state of a store against a list of whole copies; a change may come in the same moment as the one before."""
    moment, states = NOON, list[Store]()
    for revision, (minutes, state) in enumerate(life, start=1):
        moment += timedelta(minutes=minutes)
        states.append(Store("s", revision, **state, changed_at=moment))
    asked = NOON + timedelta(minutes=at)
    with env.db.transaction() as transaction:
        transaction.execute("DELETE FROM store_versions")
        for before, after in itertools.pairwise(states):
            insert_version(transaction, before, after)
        remembered = read_store_at(transaction, states[-1], asked)
    held = [state for state in states if state.changed_at and state.changed_at <= asked]
    if not held:
        assert remembered is None
    elif held[-1] is states[-1]:
        assert remembered is states[-1]
    else:
        assert remembered is not None
        assert (remembered.revision, remembered.texts()) == (held[-1].revision, held[-1].texts())
