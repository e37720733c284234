"""Numbers of a store by day, and of its pilot, from deliveries that went their way."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stack.mariadb import MariaDB
from tests.support.deliveries import World

# The business day of the store: it is in New York, and its day ends at 04:00.
TODAY = (datetime.now(ZoneInfo("America/New_York")) - timedelta(hours=4)).date()


def numbers(world: World, first: int = 0, end: int = 2, chain: str = "demo") -> Any:
    """Numbers from `first` days after yesterday."""
    since, until = (TODAY + timedelta(days=days - 1) for days in (first, end + 1))
    query = f"chain={chain}&from={since}&until={until}"
    return world.desk("GET", f"/v1/delivery-stores/{world.store}/numbers?{query}")


def test_a_day_counts_what_happened(world: World) -> None:
    ana = world.couriers["ana"]
    done, lost = world.accepted(), world.accepted()
    declined = world.place()
    world.act(world.desk, declined, "offer", "unassigned", courier="ana")
    assert world.act(ana, declined, "decline", "offered").status == 200
    assert world.act(world.desk, declined, "cancel", "unassigned").status == 200
    for delivery in (done, lost):
        world.act(ana, delivery, "pick_up", "accepted")
    world.act(ana, done, "deliver", "picked_up", left_with="recipient")
    world.act(ana, lost, "fail", "picked_up", reason="nobody there")
    track = world.see(done)["link"].replace("/d/", "/v1/tracks/")
    assert world.desk("POST", f"{track}/feedback", {"stars": 2, "complaint": "cold"}).status == 200
    found = numbers(world).json
    assert [day["day"] for day in found["days"]] == [f"{TODAY + timedelta(days=days)}" for days in (-1, 0, 1)]
    whole = found["all_days"]
    assert {name: whole[name] for name in ("deliveries", "delivered", "on_time", "failed", "cancelled")} == {
        "deliveries": 3, "delivered": 1, "on_time": 1, "failed": 1, "cancelled": 1,
    }  # fmt: skip
    assert (whole["declines"], whole["complaints"], whole["stars"]) == (1, 1, 2.0)
    assert sum(day["deliveries"] for day in found["days"]) == 3
    assert whole["stages"]["total"]["p90"] >= whole["stages"]["ride"]["p50"] >= 0
    assert whole["stages"]["to_store"] is None


def test_messages_are_counted_from_the_first_fetch(world: World) -> None:
    world.accepted()
    before = numbers(world).json["all_days"]
    assert before["messages"] > 0
    assert (before["messages_fetched"], before["message_seconds_p50"]) == (0, None)
    inbox = f"/v1/inbox?party=desk&chain=demo&store={world.store}"
    fetched = len(world.desk("GET", inbox).json["messages"])
    for _ in range(2):
        after = numbers(world).json["all_days"]
        assert (after["messages"], after["messages_fetched"]) == (before["messages"], fetched)
        assert 0 < after["message_seconds_p50"] <= after["message_seconds_p90"] < 120
        world.desk("GET", inbox)


def test_a_pilot_is_compared_with_the_weeks_before_it(world: World) -> None:
    assert numbers(world).json["pilot_from"] is None
    world.accepted()
    for days, before, since in ((1, 1, None), (0, 0, 1), (-3, 0, 1)):
        pilot = f"{TODAY + timedelta(days=days)}"
        body = {"chain": "demo", "pilot_from": pilot}
        assert world.desk("PUT", f"/v1/delivery-stores/{world.store}", body).status == 200
        found = numbers(world).json
        assert found["pilot_from"] == pilot
        counts = tuple(part and part["deliveries"] for part in (found["before"], found["since"]))
        assert counts == (before, since)


def test_another_chain_and_too_many_days_are_refused(world: World) -> None:
    stranger = world.caller(["delivery:read"], "chain:other")
    address = f"/v1/delivery-stores/{world.store}/numbers?chain=demo&from={TODAY}&until={TODAY + timedelta(days=1)}"
    assert stranger("GET", address).status == 403
    assert numbers(world, 0, 31).status == 422
    assert numbers(world, 2, 0).status == 422


@pytest.mark.parametrize(
    ("moment", "day"),
    # The store is in New York, and its day ends at 04:00. On 1 November 2026 the clocks go back from UTC-4 to UTC-5.
    [("2026-10-31 07:59:59", "2026-10-30"), ("2026-10-31 08:00:00", "2026-10-31"),
     ("2026-11-01 08:59:59", "2026-10-31"), ("2026-11-01 09:00:00", "2026-11-01")],
)  # fmt: skip
def test_a_day_is_the_business_day_of_the_store(world: World, database: MariaDB, moment: str, day: str) -> None:
    world.accepted()
    world.desk("GET", f"/v1/inbox?party=desk&chain=demo&store={world.store}")
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE deliveries SET wanted_until = %s", (moment,))
        cursor.execute("UPDATE inbox_messages SET at = %s", (moment,))
    query = "chain=demo&from=2026-10-29&until=2026-11-03"
    found = world.desk("GET", f"/v1/delivery-stores/{world.store}/numbers?{query}").json
    assert [one["day"] for one in found["days"] if one["deliveries"]] == [day]
    assert [one["day"] for one in found["days"] if one["messages"]] == [day]
    assert found["all_days"]["deliveries"] == 1


def test_days_beyond_the_calendar_are_refused(world: World) -> None:
    for begin, end in (("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")):
        target = f"/v1/delivery-stores/{world.store}/numbers?chain=demo&from={begin}&until={end}"
        assert world.desk("GET", target).json["code"] == "query_invalid"
    body = {"chain": "demo", "pilot_from": "0001-01-01"}
    assert world.desk("PUT", f"/v1/delivery-stores/{world.store}", body).json["code"] == "body_invalid"
