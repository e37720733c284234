"""Opening hours by the store's wall clock, and what a menu may hold."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.contracts.menu import Menu
from shared.contracts.store_record import Store
from shared.contracts.store_settings import Hours, OpeningHours, StoreSettings
from tests.support.orders import Caller

SETTINGS = {"name": "Corner", "chain": "demo", "region": "east", "timezone": "America/New_York", "currency": "USD"}
ITEM = {"id": "cola", "name": "Cola", "category": "drink", "price": 300}
NEVER: list[list[Hours]] = [[]] * 7


def hours(text: str) -> Hours:
    opens, closes = text.split("-")
    return Hours(opens=opens, closes=closes)


def open_on(day: int, *spans: str, closed_on: list[str] | None = None, timezone: str = "America/New_York") -> Store:
    """A store that opens on one day of the week, Monday being 0."""
    week = [*NEVER]
    week[day] = [hours(span) for span in spans]
    settings = StoreSettings.model_validate(SETTINGS | {"timezone": timezone})
    return Store("s1", 1, settings, OpeningHours(week=week, closed_on=closed_on or []), None, frozenset())


def is_open(store: Store, moment: str) -> bool:
    return store.open_at(datetime.fromisoformat(moment).replace(tzinfo=UTC))


# 2025-01-15 is a Wednesday; New York is at UTC-5.
@pytest.mark.parametrize(
    ("spans", "moment", "expected"),
    [
        (["11:00-22:00"], "2025-01-15T15:59:59.999999", False),
        (["11:00-22:00"], "2025-01-15T16:00:00", True),
        (["11:00-22:00"], "2025-01-16T02:59:59", True),
        (["11:00-22:00"], "2025-01-16T03:00:00", False),
        (["11:00-22:00"], "2025-01-16T17:00:00", False),
        (["11:00-14:00", "18:00-22:00"], "2025-01-15T20:00:00", False),
        (["11:00-14:00", "18:00-22:00"], "2025-01-15T23:30:00", True),
        # Past midnight the night is still Wednesday's.
        (["18:00-02:00"], "2025-01-16T06:59:59", True),
        (["18:00-02:00"], "2025-01-16T07:00:00", False),
        (["18:00-02:00"], "2025-01-15T06:00:00", False),
        (["00:00-24:00"], "2025-01-15T05:00:00", True),
        (["00:00-24:00"], "2025-01-16T04:59:59", True),
        (["00:00-24:00"], "2025-01-16T05:00:00", False),
        (["00:00-24:00"], "2025-01-15T04:59:59", False),
        # From 11:00 to 11:00 is a day and a night.
        (["11:00-11:00"], "2025-01-16T15:59:00", True),
        (["11:00-11:00"], "2025-01-16T16:00:00", False),
        (["24:00-02:00"], "2025-01-16T05:00:00", True),
        (["24:00-02:00"], "2025-01-16T07:00:00", False),
        ([], "2025-01-15T17:00:00", False),
    ],
)
def test_a_store_is_open_from_opening_until_just_before_closing(spans: list[str], moment: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_open(open_on(2, *spans), moment) is expected


def test_a_sunday_night_reaches_into_monday() -> None:
    assert is_open(open_on(6, "20:00-03:00"), "2025-01-20T07:30:00")


def test_a_day_closed_takes_its_night_along_but_not_the_night_before() -> None:
    shut = open_on(2, "18:00-02:00", closed_on=["2025-01-15"])
    assert not is_open(shut, "2025-01-16T00:00:00")
    assert not is_open(shut, "2025-01-16T06:00:00")
    after = open_on(2, "18:00-02:00", closed_on=["2025-01-16"])
    assert is_open(after, "2025-01-16T06:00:00")
    assert is_open(after, "2025-01-23T00:00:00")


def test_the_wall_clock_decides_on_days_when_the_clocks_change() -> None:
    # 2025-11-02, a Sunday: 01:30 comes twice, at 05:30 and 06:30 UTC; open until 02:00 is an hour more.
    night = open_on(5, "18:00-02:00")
    assert [is_open(night, f"2025-11-02T{at}") for at in ("05:30", "06:30", "06:59", "07:00")] == [True] * 3 + [False]
    # 2025-03-09: 02:00 to 03:00 is left out; open until 02:30 ends with 01:59.
    short = open_on(5, "18:00-02:30")
    assert [is_open(short, f"2025-03-09T{at}") for at in ("06:59", "07:00")] == [True, False]


def test_another_time_zone_has_another_wednesday() -> None:
    shanghai = open_on(2, "00:00-24:00", timezone="Asia/Shanghai")
    assert is_open(shanghai, "2025-01-14T16:00:00")
    assert not is_open(shanghai, "2025-01-15T16:00:00")


def test_a_store_without_hours_is_always_open() -> None:
    assert Store("s", 1, StoreSettings.model_validate(SETTINGS), None, None, frozenset()).open_at(datetime.now(UTC))


def wrong(model: type[BaseModel], document: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate_json(json.dumps(document))
    return [".".join(map(str, error["loc"])) for error in refused.value.errors()]


@pytest.mark.parametrize(
    ("items", "at"),
    [
        ([ITEM, ITEM], ""),
        ([ITEM | {"sizes": [{"id": "S", "price": 1}]}], "items.0"),
        ([{name: value for name, value in ITEM.items() if name != "price"}], "items.0"),
        ([ITEM | {"price": -1}], "items.0.price"),
        ([ITEM | {"price": 3.5}], "items.0.price"),
        ([ITEM | {"id": "a b"}], "items.0.id"),
        ([ITEM | {"id": "cola\n"}], "items.0.id"),
        ([ITEM | {"colour": "red"}], "items.0.colour"),
        ([ITEM | {"options": [{"id": "a", "name": "A"}, {"id": "a", "name": "B"}]}], ""),
        ([{**ITEM, "price": None, "sizes": [{"id": "S", "price": 1}, {"id": "S", "price": 2}]}], ""),
    ],
)
def test_a_menu_that_could_be_read_two_ways_is_refused(items: list[Any], at: str) -> None:
    assert wrong(Menu, {"items": items}) == [at]


@pytest.mark.parametrize(
    "discount", [{"code": "A"}, {"code": "A", "rate": 1, "amount": 1}, {"code": "A", "rate": 10_001}]
)
def test_a_discount_is_a_rate_or_an_amount(discount: dict[str, Any]) -> None:
    assert wrong(Menu, {"items": [], "discounts": [discount]})[0].startswith("discounts.0")


@pytest.mark.parametrize(
    ("change", "at"),
    [
        *(({"timezone": zone}, "timezone") for zone in
          ("Mars/Base", "", "America", "../../etc/passwd", "/etc/passwd", "x" * 5000, "é", "UTC\0", 5)),
        ({"currency": "usd"}, "currency"),
        ({"currency": "ZZZ"}, "currency"),
        ({"day_ends_at": "24:01"}, "day_ends_at"),
        ({"day_ends_at": "4:00"}, "day_ends_at"),
        ({"tax": {"rate": 10_001}}, "tax.rate"),
        ({"tax": {"rate": 5.5}}, "tax.rate"),
        ({"chain": "../demo"}, "chain"),
        ({"name": "a\0b"}, "name"),
    ],
)  # fmt: skip
def test_settings_that_no_store_can_have_are_refused(change: dict[str, Any], at: str) -> None:
    assert wrong(StoreSettings, SETTINGS | change) == [at]


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"week": NEVER[:6]}, "week"),
        ({"week": [*NEVER, []]}, "week"),
        ({"week": [[{"opens": "25:00", "closes": "26:00"}], *NEVER[1:]]}, "week.0.0.opens"),
        ({"closed_on": ["2025-02-30"]}, "closed_on.0"),
        ({"closed_on": ["\uff12\uff10\uff12\uff15-01-01"]}, "closed_on.0"),
        ({"closed_on": ["tomorrow"]}, "closed_on.0"),
    ],
)
def test_hours_that_no_clock_shows_are_refused(change: dict[str, Any], at: str) -> None:
    assert wrong(OpeningHours, {"week": NEVER} | change)[0] == at


def test_the_largest_menu_of_usual_items_is_taken_and_one_more_item_is_not(call: Caller, store: str) -> None:
    sizes = [{"id": size, "price": 1050} for size in ("small", "medium", "large")]
    options = [{"id": f"extra-{n}", "name": f"Extra {n}", "price": 150} for n in range(4)]
    usual = {
        "name": "The Hawaiian Pizza",
        "category": "classic",
        "station": "kitchen",
        "sizes": sizes,
        "options": options,
    }
    items = [{"id": f"pizza-{n}", **usual} for n in range(500)]
    assert call("PUT", f"/v1/stores/{store}/menu", {"items": items}).status == 200
    sold_out = [f"pizza-{n}" for n in range(500)]
    assert call("PUT", f"/v1/stores/{store}/sold-out", {"items": sold_out}).json["sold_out"] == sorted(sold_out)
    small = {"id": "one-more", "name": "One more", "category": "classic", "price": 1}
    # The sold-out list holds sizes and options too, four entries an item.
    for target, members in (("menu", [small] * 501), ("sold-out", ["one-more"] * 2_001)):
        refused = call("PUT", f"/v1/stores/{store}/{target}", {"items": members})
        assert (refused.status, refused.json["errors"][0]["code"]) == (422, "too_long")
        assert refused.json["errors"][0]["path"] == "items"
