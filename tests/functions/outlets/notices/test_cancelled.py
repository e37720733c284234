"""A cancelled order is told to all that may have seen it, and a changed one that is not paid is nobody's to confirm."""

from collections.abc import Callable

import pytest

from tests.simulators.chat.fake import FakeChat
from tests.support.outlets import Outlets, ask, path_of, submit

Move = Callable[[float], None]
# The worker was killed during its first call: nobody knows whether the chat shows the order.
IN_FLIGHT = (
    "UPDATE outlet_notices SET state = 'queued', evidence = NULL, sent_at = NULL",
    """
    UPDATE outlet_messages SET state = 'sending', external_id = NULL, sent_at = NULL, claim_token = 1,
        leased_until = UTC_TIMESTAMP() + INTERVAL 45 SECOND""",
)


def cancel(outlets: Outlets, order: str) -> None:
    assert outlets.orders("POST", f"/v1/orders/{order}/cancel", {"reason": "guest called"}).status == 200
    outlets.carry()


def told(telegram: FakeChat) -> list[str]:
    return sorted(arrival.chat for arrival in telegram.arrivals if "CANCELLED" in arrival.text)


def test_an_order_whose_first_call_is_under_way_is_told_as_cancelled_after_the_call(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    order = outlets.place(store)
    with outlets.env.db.transaction() as transaction:
        for statement in IN_FLIGHT:
            transaction.execute(statement)
    cancel(outlets, order)
    outlets.look()
    assert told(telegram) == []
    moved_clock(11)
    outlets.look_until(lambda: told(telegram))
    assert told(telegram) == ["1001"]


def test_all_chats_and_people_that_saw_an_order_hear_of_its_end_once(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    outlets.add_robot("bot-2", telegram, 2)
    outlets.add_outlet(store, ("bot", "1001"), ("bot-2", "1002"), ("bot-2", "1003"))
    for role, chat in (("call", "2000"), ("second", "2000"), ("head_office", "2002")):
        outlets.add_person(role, "bot-2", chat)
    order = outlets.place(store)
    for messages, seconds in ((2, 46), (3, 45), (4, 90)):
        moved_clock(seconds)
        outlets.look_until(lambda: len(telegram.arrivals) == messages)  # noqa: B023 - it is called at once
    assert [arrival.chat for arrival in telegram.arrivals] == ["1001", "1002", "2000", "2000"]
    cancel(outlets, order)
    outlets.look_until(lambda: len(told(telegram)) == 3)
    moved_clock(30)
    outlets.look()
    assert told(telegram) == ["1001", "1002", "2000"]


def test_an_order_that_no_chat_saw_is_not_told_as_cancelled(
    outlets: Outlets, telegram: FakeChat, store: str, moved_clock: Move
) -> None:
    telegram.fail(["too_many"] * 2)
    order = outlets.place(store)
    cancel(outlets, order)
    moved_clock(60)
    outlets.look()
    assert telegram.arrivals == []


@pytest.fixture
def changed(outlets: Outlets, store: str) -> str:
    """An open order that was told, and whose change waits for its payment by a new rule of the chain."""
    outlets.rules(automatic="accept")
    order = outlets.place(store, payments=[], open=True)
    outlets.rules(automatic="accept", wait_for_payment=True)
    more = {"add": [{"item": "cola", "quantity": 1, "unit_price": 300}]}
    assert outlets.orders("POST", f"/v1/orders/{order}/changes", more).status == 200
    outlets.carry()
    return order


def test_a_changed_order_that_is_not_paid_is_nobodys_to_confirm(
    outlets: Outlets, telegram: FakeChat, changed: str, moved_clock: Move
) -> None:
    link = path_of(telegram.arrivals[0].links[0])
    assert ask("GET", link).status == 409
    assert submit(link, ready="20").status == 409
    moved_clock(700)
    outlets.look()
    outlets.carry()
    assert outlets.order(changed)["fulfilment"] == "placed"
    assert outlets.notices("&state=expired")[0]["version"] == 1
