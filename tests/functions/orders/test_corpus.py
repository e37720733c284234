"""Old clients: the requests of tests/functions/orders/corpus are answered as on the day of their recording."""

from collections.abc import Callable

import pytest

from shared.spine.env import Environment
from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.corpus import Clock, Scenario, differences_of, read_scenarios, replay

SCENARIOS = list(read_scenarios())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_old_requests_are_answered_as_before(
    scenario: Scenario, database: MariaDB, another_env: Callable[..., Environment]
) -> None:
    clock = Clock()
    assert replay(scenario, another_env(clock=clock), clock, database.owner.url) == []


def test_corpus_has_every_kind_of_request() -> None:
    steps = [step for scenario in SCENARIOS for step in scenario.steps]
    orders = [step["reply"] for step in steps if step["status"] == 201 and step["target"] == "/v1/orders"]
    assert {order["source"]["kind"] for order in orders} == {"till", "mini_program", "platform"}
    assert {order["service"] for order in orders} == {"dine_in", "takeaway", "delivery"}
    changes = {step["target"].rpartition("/")[2] for step in steps if step["method"] == "POST"}
    assert {"payments", "refunds", "cancel", "fulfilment"} <= changes
    assert {400, 403, 404, 405, 409, 415, 422} <= {step["status"] for step in steps}


@pytest.mark.parametrize(
    ("old", "new", "differences"),
    [
        ('{"a": 1}', '{"a": 1, "b": 2}', []),
        ('{"a": 1}', '{"b": 2}', [".a is gone"]),
        ('{"a": [{"b": 1}]}', '{"a": [{"b": 2}]}', [".a[0].b is 2 instead of 1"]),
        ('{"a": [1]}', '{"a": [1, 2]}', [".a is [1, 2] instead of [1]"]),
        ('{"a": 1}', '{"a": true}', [".a is True instead of 1"]),
        ('{"code": "x"}', '{"code": "y", "detail": "new"}', [".code is 'y' instead of 'x'"]),
    ],
)
def test_new_fields_are_allowed_and_changed_ones_are_not(old: str, new: str, differences: list[str]) -> None:
    step = {"status": 200, "reply": Answer(200, {}, old).json}
    assert differences_of(step, Answer(200, {}, new)) == differences
    assert differences_of(step | {"status": 201}, Answer(200, {}, new))
