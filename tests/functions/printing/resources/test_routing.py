"""How a store prints is read and replaced at its revision."""

import pytest

from tests.functions.printing.conftest import ONE_KITCHEN, Office, Relay
from tests.support.orders import open_store


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


def test_routing_is_read_and_replaced_at_its_revision(office: Office, store: str) -> None:
    read = office("GET", f"/stores/{store}/routing")
    tag = read.headers["etag"]
    assert [station["id"] for station in read.json["stations"]] == ["kitchen_hot"]
    assert office("GET", f"/stores/{store}/routing", headers={"If-None-Match": tag}).status == 304
    bar = {"stations": [{"id": "bar", "name": "Bar", "printer": "bar", "language": "zh"}], "prints_on": "placed"}
    assert office("PUT", f"/stores/{store}/routing", bar, headers={"If-Match": tag}).status == 200
    late = office("PUT", f"/stores/{store}/routing", ONE_KITCHEN, headers={"If-Match": tag})
    assert (late.status, late.json["code"]) == (412, "changed")
    after = office("GET", f"/stores/{store}/routing")
    assert (after.json["stations"][0]["language"], after.json["prints_on"]) == ("zh", "placed")
    assert after.headers["etag"] != tag


def test_a_store_that_nobody_set_up_has_the_defaults(office: Office, relay: Relay) -> None:
    fresh = open_store(relay.call)
    read = office("GET", f"/stores/{fresh}/routing")
    assert (read.json["stations"], read.json["heartbeat"], read.headers["etag"]) == ([], None, '"0"')
    assert office("PUT", f"/stores/{fresh}/routing", ONE_KITCHEN, headers={"If-Match": '"0"'}).status == 200
