"""A function outside of the private network: who may call it, and that it can do nothing else."""

import pytest

from stack.concerns import read_functions
from tests.support.compiled import ALARMED, IN_A_VPC, ROOT, Compiled, compile_stage
from tests.support.wiring import function, statements

FUNCTIONS = read_functions()
PREFIX = "dumbwaiter-prod"


@pytest.fixture(scope="session")
def prod() -> Compiled:
    return compile_stage(ROOT, **IN_A_VPC, **ALARMED)


def test_a_function_outside_of_the_private_network_has_no_right_and_is_called_by_its_own_concern(
    prod: Compiled,
) -> None:
    outside = [key for key, entry in FUNCTIONS.items() if entry.get("outside")]
    assert sorted(outside) == [
        "delivery_post_outside",
        "outlets_post_calls",
        "people_ask_provider",
        "sync_call_system",
        "webhooks_post_requests",
    ]
    for key in outside:
        assert "VpcConfig" not in function(prod, key)
        assert not {
            name for name in function(prod, key)["Environment"]["Variables"] if "SECRET" in name or "ARN" in name
        }
        assert {action for statement in statements(prod, key) for action in statement["Action"]} == {
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        }
    for key, entry in FUNCTIONS.items():
        if "timers" in entry.get("rights", ()):
            continue  # it may start each timer: its own test says which
        called = [s["Resource"] for s in statements(prod, key) if "lambda:InvokeFunction" in s["Action"]]
        assert [str(resource).rpartition(f"{PREFIX}-")[2].rstrip("'}") for resource in called] == (
            [entry["calls"]] if entry.get("calls") else []
        )
