"""Each operation of /v1/printing needs its own right."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.printing import api
from tests.functions.printing.conftest import ONE_KITCHEN, Hand, Office, Relay


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    agent = relay.agent(store)
    agent.arrive()
    return agent


@pytest.fixture
def unknown(relay: Relay, store: str, agent: Hand) -> str:
    """A job of which nobody can say whether it is on paper."""
    job = relay.printed(store)
    agent.end(job, "unknown", evidence="E", code="no_proof")
    return job


def test_each_operation_takes_its_own_right(office_with: Callable[..., Office], store: str, unknown: str) -> None:
    job, printer = f"/stores/{store}/jobs/{unknown}", f"/stores/{store}/printers/kitchen"
    calls: list[tuple[str, str, str, Any]] = [
        ("printing:read", "GET", f"/stores/{store}/routing", None),
        ("printing:read", "GET", f"/stores/{store}/printers", None),
        ("printing:read", "GET", f"/stores/{store}/jobs", None),
        ("printing:read", "GET", job, None),
        ("printing:read", "GET", f"{job}/preview", None),
        ("printing:read", "GET", f"/stores/{store}/agents", None),
        ("printing:write", "PUT", f"/stores/{store}/routing", ONE_KITCHEN),
        ("printing:write", "PUT", printer, {"profile": {}}),
        ("printing:write", "DELETE", printer, None),
        ("printing:operate", "POST", f"{printer}/test-page", None),
        ("printing:operate", "POST", f"{job}/reprint", {}),
        ("printing:operate", "POST", f"{job}/move", {"printer": "bar"}),
        ("printing:operate", "POST", f"{job}/cancel", {}),
        ("printing:operate", "POST", f"{job}/resolve", {"resolution": "dismissed"}),
        ("printing:enrol", "POST", "/codes", {"store": store}),
        ("printing:enrol", "DELETE", f"/codes?store={store}", None),
        ("printing:enrol", "DELETE", f"/stores/{store}/agents/none", None),
        ("printing:enrol", "POST", f"/stores/{store}/agents/none/machine", {"keep": "known"}),
    ]
    assert len(calls) == sum(not operation.public for operation in api.OPERATIONS) - 1  # that of the fleet is above
    rights = {"printing:read", "printing:write", "printing:operate", "printing:enrol"}
    for right, method, target, body in calls:
        refused = office_with(sorted(rights - {right}))(method, target, body)
        assert (refused.status, refused.json["code"]) == (403, "not_allowed"), target
        elsewhere = office_with([right], "store:demo:other")(method, target, body)
        assert elsewhere.status == 403, target
        if not target.endswith("preview"):  # a picture; its own test reads it
            assert office_with([right], f"store:demo:{store}")(method, target, body).status in (200, 201, 404, 409), (
                target
            )
