"""Printers of a store: settings, numbers, logos."""

import base64
import io
from typing import Any

import pytest
from PIL import Image

from tests.functions.printing.conftest import Hand, Office, Relay


@pytest.fixture
def store(relay: Relay) -> str:
    return relay.store()


@pytest.fixture
def agent(relay: Relay, store: str) -> Hand:
    agent = relay.agent(store)
    agent.arrive()
    return agent


def test_a_printer_is_set_kept_in_use_and_forgotten(office: Office, store: str) -> None:
    profile = {"encoding": "gb18030", "dots": 384, "lacks": ["sizes"]}
    reply = office("PUT", f"/stores/{store}/printers/bar", {"profile": profile, "backup": "kitchen"})
    assert (reply.status, reply.json["profile"]["dots"], reply.json["backup"]) == (200, 384, "kitchen")
    assert (reply.json["can_print"], reply.json["state"]) == (False, None)
    office("PUT", f"/stores/{store}/printers/kitchen", {"profile": {}})
    listed = office("GET", f"/stores/{store}/printers").json
    assert [printer["id"] for printer in listed["printers"]] == ["bar", "kitchen"]
    used = office("DELETE", f"/stores/{store}/printers/kitchen")
    assert (used.status, used.json["code"]) == (409, "printer_in_use")
    assert (used.json["stations"], used.json["printers"], used.json["jobs"]) == (["kitchen_hot"], ["bar"], 0)
    stale = {"If-Match": f'"{listed["revision"] - 1}"'}
    assert office("DELETE", f"/stores/{store}/printers/bar", headers=stale).status == 412
    deleted = office("DELETE", f"/stores/{store}/printers/bar")
    assert [printer["id"] for printer in deleted.json["printers"]] == ["kitchen"]
    assert office("DELETE", f"/stores/{store}/printers/bar").json["code"] == "unknown_printer"


def test_a_printer_that_comes_back_goes_on_with_its_numbers(
    office: Office, relay: Relay, store: str, agent: Hand
) -> None:
    office("POST", f"/stores/{store}/printers/kitchen/test-page")
    [frame] = agent.jobs()
    agent.end(frame["job"])
    relay.route(store, {"stations": []})
    assert office("DELETE", f"/stores/{store}/printers/kitchen").status == 200
    office("PUT", f"/stores/{store}/printers/kitchen", {"profile": {}})
    office("POST", f"/stores/{store}/printers/kitchen/test-page")
    [again] = agent.jobs()
    assert (again["seq"], again["after"]) == (frame["seq"] + 1, frame["seq"])


def test_a_logo_of_few_bytes_and_many_dots_is_refused_before_it_is_drawn(office: Office, store: str) -> None:
    png = io.BytesIO()
    Image.new("1", (5_000, 5_000)).save(png, "PNG")
    body = {"profile": {"logo": base64.b64encode(png.getvalue()).decode()}}
    refused = office("PUT", f"/stores/{store}/printers/bar", body)
    assert (refused.status, refused.json["code"]) == (422, "logo_unreadable")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"profile": {"dots": 500}}, "body_invalid"),
        ({"profile": {"colour": "red"}}, "body_invalid"),
        ({"profile": {"logo": base64.b64encode(b"no picture").decode()}}, "logo_unreadable"),
    ],
)
def test_a_printer_without_sense_is_refused(office: Office, store: str, body: Any, code: str) -> None:
    refused = office("PUT", f"/stores/{store}/printers/bar", body)
    assert (refused.status, refused.json["code"]) == (422, code)
