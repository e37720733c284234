"""Observances against dates that were published: by florists, by governments, and by Umm al-Qura for Ramadan."""

from datetime import date, timedelta

import pytest

from functions.forecast.engine.holidays.holiday_calendar import holidays_of
from functions.forecast.engine.holidays.observances import observances_of, ramadan_of


@pytest.mark.parametrize(
    ("country", "name", "day"),
    [
        ("US", "Mother's Day", date(2024, 5, 12)),
        ("JP", "Mother's Day", date(2025, 5, 11)),
        ("ES", "Mother's Day", date(2024, 5, 5)),
        ("GB", "Mother's Day", date(2024, 3, 10)),
        ("FR", "Mother's Day", date(2024, 5, 26)),
        ("FR", "Mother's Day", date(2023, 6, 4)),  # the last Sunday of May was Pentecost
        ("PL", "Mother's Day", date(2024, 5, 26)),
        ("NO", "Mother's Day", date(2024, 2, 11)),
        ("AR", "Mother's Day", date(2024, 10, 20)),
        ("US", "Father's Day", date(2024, 6, 16)),
        ("AU", "Father's Day", date(2024, 9, 1)),
        ("BR", "Father's Day", date(2024, 8, 11)),
        ("SE", "Father's Day", date(2024, 11, 10)),
        ("AT", "Father's Day", date(2024, 6, 9)),
        ("US", "Black Friday", date(2024, 11, 29)),
        ("DE", "Black Friday", date(2023, 11, 24)),
        ("US", "Super Bowl Sunday", date(2021, 2, 7)),
        ("US", "Super Bowl Sunday", date(2024, 2, 11)),
        ("DE", "Rose Monday", date(2024, 2, 12)),
        ("CN", "Qixi", date(2024, 8, 10)),
        ("CN", "Singles' Day", date(2024, 11, 11)),
        ("JP", "Valentine's Day", date(2024, 2, 14)),
        ("BR", "Valentine's Day", date(2024, 6, 12)),
    ],
)
def test_an_observance_is_on_the_day_that_the_country_keeps(country: str, name: str, day: date) -> None:
    assert observances_of(country, [day.year])[name] == [day]


def test_a_country_has_an_observance_once() -> None:
    for country in ("US", "CN", "DE", "GB", "FR", "BR", "JP", "AE", "MU", "SY", "HN"):
        for name, days in observances_of(country, [2024]).items():
            assert len(days) == 1, name


@pytest.mark.parametrize(
    ("begin", "end"), [("2023-03-23", "2023-04-20"), ("2024-03-11", "2024-04-09"), ("2025-03-01", "2025-03-29")]
)
def test_ramadan_is_the_month_of_the_calendar_umm_al_qura(begin: str, end: str) -> None:
    assert ramadan_of("SA", [int(begin[:4])]) == [(date.fromisoformat(begin), date.fromisoformat(end))]
    assert ramadan_of("DE", [int(begin[:4])]) == []


def test_a_day_of_ramadan_corresponds_to_the_same_day_of_ramadan_one_year_before() -> None:
    first = date(2025, 1, 1)
    holidays = holidays_of("AE", first, 365)
    assert holidays.ramadan_day is not None
    for number in (1, 10, 15, 25):
        index = (date(2025, 3, 1) - first).days + number - 1
        assert holidays.ramadan_day[index] == number
        assert int(holidays.year_ago_by_holiday[index]) == (date(2024, 3, 11) - date(2025, 3, 1)).days
    assert holidays.ramadan_day.sum() == 29 * 30 / 2
    assert holidays_of("DE", first, 365).ramadan_day is None


@pytest.mark.parametrize(
    ("country", "day", "year_before", "offset"),
    [
        ("US", date(2024, 5, 11), date(2023, 5, 13), -1),  # the eve of Mother's Day
        ("US", date(2024, 2, 14), date(2023, 2, 14), 0),
        ("US", date(2024, 11, 29), date(2023, 11, 24), 0),  # Black Friday, and not a day after Thanksgiving
        ("GB", date(2024, 3, 10), date(2023, 3, 19), 0),
    ],
)
def test_an_observance_corresponds_to_the_one_a_year_before(
    country: str, day: date, year_before: date, offset: int
) -> None:
    holidays = holidays_of(country, day - timedelta(days=40), 81)
    assert day + timedelta(days=int(holidays.year_ago_by_holiday[40])) == year_before
    assert holidays.holiday_offset[40] == offset


def test_an_observance_takes_no_further_day_from_a_public_holiday() -> None:
    holidays = holidays_of("US", date(2024, 2, 1), 29)  # Valentine's Day is on the 14th, Presidents' Day on the 19th
    near = holidays.holiday_names[int(holidays.holiday_code[15])]
    assert near == "Washington's Birthday"


def test_valentine_s_day_within_the_spring_festival_belongs_to_the_festival() -> None:
    holidays = holidays_of("CN", date(2024, 2, 1), 29)
    assert holidays.holiday_names[int(holidays.holiday_code[13])] == "Chinese New Year"
    assert int(holidays.year_ago_by_holiday[13]) == (date(2023, 1, 22) - date(2024, 2, 10)).days
