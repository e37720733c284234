"""Receipts of a service add knowledge to a notice, in any order, and never take it back."""

from collections.abc import Iterator

import httpx
import pytest

from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.outlets import Outlets, ask

CALLBACK = "/outlets/callbacks/whatsapp/demo:wa"


@pytest.fixture
def whatsapp(outlets: Outlets, store: str) -> Iterator[FakeChat]:
    with fake_chat("whatsapp", callback_url=f"http://127.0.0.1:1{CALLBACK}") as fake:
        vars(fake)["open_always"] = True
        outlets.add_robot("wa", fake)
        outlets.add_outlet(store, ("wa", "8613800138000"))
        yield fake


def receive(request: httpx.Request) -> None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert ask("POST", CALLBACK, request.content, headers).status == 200


def test_receipts_in_any_order_end_at_read_chatwoot_14529(outlets: Outlets, whatsapp: FakeChat, store: str) -> None:
    outlets.place(store)
    [arrival] = whatsapp.arrivals
    for kind in ("read", "delivered", "read"):
        receive(whatsapp.received(arrival, kind))
    [notice] = outlets.notices()
    assert (notice["state"], notice["evidence"]) == ("read", "receipt")
    assert notice["delivered_at"] is not None
    [message] = notice["messages"]
    assert (message["state"], message["delivered_at"] is not None, message["read_at"] is not None) == (
        "read",
        True,
        True,
    )


def test_a_receipt_after_the_answer_changes_no_state(outlets: Outlets, whatsapp: FakeChat, store: str) -> None:
    outlets.place(store)
    [arrival] = whatsapp.arrivals
    value = next(button.value for button in arrival.buttons if button.value)
    receive(whatsapp.pressed(arrival, value or "", "8613800138000"))
    receive(whatsapp.received(arrival, "delivered"))
    [notice] = outlets.notices("&state=confirmed")
    assert notice["evidence"] == "press"


def test_a_receipt_of_an_unknown_message_is_taken_and_counts_for_nothing(
    outlets: Outlets, whatsapp: FakeChat, store: str
) -> None:
    outlets.place(store)
    [arrival] = whatsapp.arrivals
    receive(whatsapp.received(arrival.__class__(**vars(arrival) | {"message_id": "wamid.unknown"}), "read"))
    assert outlets.notices()[0]["state"] == "sent"
