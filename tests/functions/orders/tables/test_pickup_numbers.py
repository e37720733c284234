"""A source's number within its store and day: tills begin at 1 again every morning."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep
from typing import Any

import pytest

from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.environments import Another, at_once
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.queues import Inbox

# A Wednesday, noon in New York, where the day ends at 04:00 (09:00 UTC).
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
MORNING = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)
FIRST = {"kind": "till", "id": "till-1", "number": "1"}
REPEATED = {"path": "source.number", "code": "number_repeated", "stated": "1", "expected": None}


def coffee(store: str, **parts: Any) -> dict[str, Any]:
    """The first sale of many a morning: one cola for 3.00."""
    lines = [{"item": "cola", "quantity": 1, "unit_price": 300}]
    return an_order(store, source=FIRST, lines=lines, total=300, payments=paid(300)) | parts


def place(another: Another, at: datetime, order: dict[str, Any]) -> Answer:
    answer = another(at)("POST", "/v1/orders", order)
    assert answer.status == 201, answer.text
    return answer


def test_a_till_that_begins_at_1_again_each_morning_sells_each_morning(
    another: Another, store: str, inbox: Inbox
) -> None:
    mornings = [place(another, NOON + timedelta(days=day), coffee(store)).json for day in range(3)]
    assert len({order["id"] for order in mornings}) == 3
    assert [(order["business_day"], order["pickup_number"]) for order in mornings] == [
        ("2025-01-15", 1), ("2025-01-16", 1), ("2025-01-17", 1),
    ]  # fmt: skip
    # Without `placed_at` the very same may be a retry of days later, so a person sees it.
    assert [order["differences"] for order in mornings] == [[], [REPEATED], [REPEATED]]
    announced = [message["type"] for message in inbox.take()]
    assert (announced.count("order.paid"), announced.count("order.differs")) == (3, 2)


def test_a_repetition_is_looked_for_in_the_31_days_before(another: Another, store: str) -> None:
    place(another, NOON, coffee(store))
    for days, differences in ((31, [REPEATED]), (63, [])):
        assert place(another, NOON + timedelta(days=days), coffee(store)).json["differences"] == differences


def test_a_till_that_says_when_it_sold_is_never_in_doubt(another: Another, store: str) -> None:
    wednesday, thursday = (coffee(store, placed_at=(NOON + timedelta(days=day)).isoformat()) for day in range(2))
    first = place(another, NOON, wednesday)
    second = place(another, NOON + timedelta(days=1), thursday)
    assert second.json["id"] != first.json["id"]
    assert second.json["differences"] == []
    # A repetition is the same order however late it comes, under whichever key.
    for order, reply in ((wednesday, first), (thursday, second)):
        again = place(another, NOON + timedelta(days=6), order)
        assert (again.text, again.headers["idempotent-replayed"]) == (reply.text, "true")


def test_another_order_under_the_number_of_the_same_day_is_a_conflict_and_of_another_day_a_sale(
    another: Another, store: str
) -> None:
    first = place(another, NOON, coffee(store)).json
    refused = another(NOON + timedelta(hours=1))("POST", "/v1/orders", coffee(store, table="9"))
    assert (refused.status, refused.json["code"], refused.json["order"]) == (409, "order_exists", first["id"])
    assert place(another, NOON + timedelta(days=1), coffee(store, table="9")).json["differences"] == []


def test_the_same_again_just_after_the_days_end_is_the_same_order(another: Another, store: str) -> None:
    first = place(another, MORNING - timedelta(seconds=30), coffee(store))
    assert first.json["business_day"] == "2025-01-14"
    for after in (timedelta(0), timedelta(minutes=10), timedelta(minutes=59, seconds=29)):
        again = place(another, MORNING + after, coffee(store))
        assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")
    # Nothing was counted for the new day by those.
    next_sale = coffee(store, source=FIRST | {"number": "2"})
    assert place(another, MORNING + timedelta(minutes=11), next_sale).json["pickup_number"] == 1


def test_a_retry_that_overtakes_the_first_post_at_the_days_end_is_the_same_order(
    another: Another, store: str, database: MariaDB
) -> None:
    evening, morning = another(MORNING - timedelta(seconds=1)), another(MORNING + timedelta(seconds=1))
    assert evening("POST", "/v1/orders", an_order(store)).status == 201
    counter = "SELECT * FROM pickup_numbers WHERE store_id = %s AND business_day = '2025-01-14' FOR UPDATE"
    with ThreadPoolExecutor(1) as thread:
        with database.owner.connect(autocommit=False) as connection, connection.cursor() as cursor:
            cursor.execute(counter, (f"demo:{store}",))
            first = thread.submit(evening, "POST", "/v1/orders", coffee(store))
            sleep(0.5)
            retry = morning("POST", "/v1/orders", coffee(store))
            connection.rollback()
        assert (first.result().status, first.result().text) == (201, retry.text)
    assert retry.json["business_day"] == "2025-01-15"


@pytest.mark.parametrize("attempt", range(3))
def test_posts_at_once_on_both_sides_of_a_days_end_make_one_order(
    another: Another, store: str, database: MariaDB, attempt: int
) -> None:
    order = coffee(store, table=str(attempt))
    moments = [MORNING + timedelta(seconds=second) for second in (-1, 1)] * 4
    callers = [another(moment) for moment in moments]

    def until_answered(till: Caller) -> Answer:
        for _ in range(50):
            answer = till("POST", "/v1/orders", order, key=uuid.uuid4().hex)
            if answer.status == 201:
                break
            assert answer.status in (409, 503), answer.text
            sleep(0.05)
        return answer

    answers = at_once([partial(until_answered, till) for till in callers])
    assert {(answer.status, answer.text) for answer in answers} == {(201, answers[0].text)}
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orders")
        assert cursor.fetchone() == (1,)


def test_the_same_again_an_hour_and_more_later_is_a_sale_that_a_person_sees(another: Another, store: str) -> None:
    first = place(another, MORNING - timedelta(minutes=31), coffee(store))
    later = place(another, MORNING + timedelta(minutes=30), coffee(store)).json
    assert later["id"] != first.json["id"]
    assert later["differences"] == [REPEATED]


def test_a_key_that_comes_again_gives_its_first_reply_on_any_day(another: Another, store: str) -> None:
    first = another(NOON)("POST", "/v1/orders", coffee(store), key="k1")
    again = another(NOON + timedelta(days=2))("POST", "/v1/orders", coffee(store), key="k1")
    assert (again.text, again.headers["idempotent-replayed"]) == (first.text, "true")


def test_a_till_whose_clock_is_ahead_may_try_again_on_the_next_day(another: Another, store: str) -> None:
    order = coffee(store, placed_at="2027-03-01T12:00:00Z")
    first = place(another, NOON, order)
    again = place(another, NOON + timedelta(days=1), order)
    assert (again.text, first.json["business_day"]) == (first.text, "2025-01-15")


def test_a_number_of_another_store_or_source_is_no_repetition(call: Caller, another: Another, store: str) -> None:
    place(another, NOON, coffee(store))
    tomorrow = NOON + timedelta(days=1)
    for other in (
        coffee(open_store(call)),
        coffee(store, source=FIRST | {"id": "till-2"}),
        coffee(store, source=FIRST | {"kind": "platform"}),
        coffee(store, source=FIRST | {"number": "01"}),
    ):
        assert place(another, tomorrow, other).json["differences"] == []


def test_a_pre_order_has_the_number_of_the_day_on_which_it_was_placed(another: Another, store: str) -> None:
    wanted = {"wanted_for": "2025-01-17T12:00:00-05:00"}
    first = place(another, NOON, coffee(store, **wanted))
    assert place(another, NOON + timedelta(hours=2), coffee(store, **wanted)).text == first.text
    on_the_day = place(another, NOON + timedelta(days=2), coffee(store)).json
    assert (on_the_day["business_day"], on_the_day["pickup_number"]) == ("2025-01-17", 2)


def test_a_mini_programs_repetition_of_another_day_is_kept_and_named_too(another: Another, store: str) -> None:
    source = FIRST | {"kind": "mini_program"}
    place(another, NOON, coffee(store, source=source))
    assert place(another, NOON + timedelta(days=1), coffee(store, source=source)).json["differences"] == [REPEATED]
