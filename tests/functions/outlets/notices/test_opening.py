"""An order reaches its outlet's chat, is confirmed by one press on the page, and moves on as accepted."""

import time

from tests.simulators.chat.fake import FakeChat
from tests.support.orders import an_order, paid
from tests.support.outlets import Outlets, ask, path_of, submit


def test_an_order_is_told_confirmed_and_accepted(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    order = outlets.place(store)
    [arrival] = telegram.arrivals
    assert arrival.chat == "1001"
    assert "1 × The Hawaiian Pizza" in arrival.text
    assert "Total 13.25 USD (paid)" in arrival.text
    assert not arrival.again
    [link] = {link for link in arrival.links if "/outlets/confirm/" in link}
    [notice] = outlets.notices()
    assert (notice["state"], notice["order"]) == ("sent", order)

    page = ask("GET", path_of(link))
    assert (page.status, page.headers["cache-control"]) == (200, "no-store")
    assert "Not yet confirmed." in page.text
    answered = submit(path_of(link), ready="20")
    assert (answered.status, "Confirmed at" in answered.text) == (200, True)
    outlets.carry()
    assert outlets.order(order)["fulfilment"] == "accepted"
    [notice] = outlets.notices("&state=confirmed")
    assert (notice["ready_minutes"], notice["evidence"]) == (20, "page")
    assert all(step["state"] == "ended" for step in notice["steps"])


def test_the_same_message_twice_tells_the_order_once(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.place(store)
    for message in outlets.seen * 2:
        outlets.give(message)
    assert len(telegram.arrivals) == 1


def test_a_declined_order_is_cancelled_with_the_reason(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    order = outlets.place(store)
    link = path_of(telegram.arrivals[0].links[0])
    assert "Declined at" in submit(link, answer="decline", reason="sold_out").text
    outlets.carry()
    assert outlets.order(order)["fulfilment"] == "cancelled"
    assert outlets.notices("&state=declined")[0]["reason"] == "sold_out"


def test_a_cancelled_order_is_told_and_its_page_says_so(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    order = outlets.place(store)
    link = path_of(telegram.arrivals[0].links[0])
    assert outlets.orders("POST", f"/v1/orders/{order}/cancel", {"reason": "guest called"}).status == 200
    outlets.carry()
    assert ask("GET", link).status == 410
    assert submit(link, ready="20").status == 410
    time.sleep(1.2)  # Telegram takes one message a second in a chat.
    outlets.look()
    assert "CANCELLED" in telegram.arrivals[-1].text
    assert [notice["state"] for notice in outlets.notices("&state=cancelled")] == ["cancelled"]


def test_an_order_that_the_kitchen_accepted_needs_no_press(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    order = outlets.place(store)
    assert outlets.orders("POST", f"/v1/orders/{order}/fulfilment", {"status": "preparing"}).status == 200
    outlets.carry()
    [notice] = outlets.notices("&state=confirmed")
    assert (notice["evidence"], notice["ready_minutes"]) == ("order", None)
    assert len(telegram.arrivals) == 1


def test_messages_in_the_wrong_order_end_at_the_same_place(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    answer = outlets.orders("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    assert outlets.orders("POST", f"/v1/orders/{answer.json['id']}/cancel", {"reason": "late"}).status == 200
    for message in reversed(outlets.inbox.take()):
        outlets.give(message)
    assert telegram.arrivals == []
    assert outlets.notices() == []
