"""Holidays, make-up days and festivals, against dates that governments and almanacs published."""

from datetime import date, timedelta

import pytest

from functions.forecast.engine.data import covariates
from functions.forecast.engine.holidays.holiday_calendar import HolidayCalendar, holidays_of
from shared.spine.errors import Rejected


def calendar(country: str, first: date, last: date) -> HolidayCalendar:
    return holidays_of(country, first, (last - first).days + 1)


def index(holidays: HolidayCalendar, day: date) -> int:
    return (day - holidays.first_day).days


def test_spring_festival_2024_has_eight_days_off_and_two_weekend_days_at_work() -> None:
    # General Office of the State Council, notice of 25 October 2023: 10 to 17 February off, 4 and 18 February at work
    holidays = calendar("CN", date(2024, 2, 1), date(2024, 2, 29))
    days = [date(2024, 2, 1) + timedelta(days=n) for n in range(29)]
    off = {day.day for day in days if holidays.off[index(holidays, day)]}
    assert {4, 18} & off == set()
    assert set(range(10, 18)) <= off
    assert holidays.off_run[index(holidays, date(2024, 2, 12))] == 8
    assert holidays.off_index[index(holidays, date(2024, 2, 12))] == 3


@pytest.mark.parametrize(
    ("country", "day", "year_before"),
    [
        ("DE", date(2015, 4, 3), date(2014, 4, 18)),  # Good Friday
        ("DE", date(2015, 4, 7), date(2014, 4, 22)),  # the day after Easter Monday
        ("CN", date(2015, 2, 19), date(2014, 1, 31)),  # Spring Festival
        ("CN", date(2015, 9, 27), date(2014, 9, 8)),  # Mid-Autumn
        ("US", date(2018, 11, 22), date(2017, 11, 23)),  # Thanksgiving
        ("JP", date(2016, 1, 1), date(2015, 1, 1)),
        ("US", date(2018, 8, 6), date(2017, 8, 7)),  # no holiday near: the same weekday
    ],
)
def test_a_day_near_a_holiday_corresponds_to_the_same_day_beside_it_one_year_before(
    country: str, day: date, year_before: date
) -> None:
    holidays = calendar(country, day - timedelta(days=40), day + timedelta(days=40))
    assert day + timedelta(days=int(holidays.year_ago_by_holiday[index(holidays, day)])) == year_before


def test_a_leap_day_has_a_day_one_year_before() -> None:
    holidays = calendar("US", date(2024, 2, 1), date(2024, 3, 31))
    shift = int(holidays.year_ago_by_date[index(holidays, date(2024, 2, 29))])
    assert date(2024, 2, 29) + timedelta(days=shift) == date(2023, 2, 28)


@pytest.mark.parametrize(
    ("year", "sunday"), [(2015, date(2015, 4, 5)), (2024, date(2024, 3, 31)), (2025, date(2025, 4, 20))]
)
def test_days_are_counted_from_easter(year: int, sunday: date) -> None:
    holidays = calendar("DE", date(year, 3, 1), date(year, 4, 30))
    assert holidays.easter_offset[index(holidays, sunday)] == 0
    assert holidays.easter_offset[index(holidays, sunday - timedelta(days=2))] == -2


def test_a_holiday_of_some_states_is_a_share() -> None:
    holidays = calendar("DE", date(2015, 6, 1), date(2015, 6, 10))  # Corpus Christi, 4 June, in 6 of 16 states
    corpus_christi = index(holidays, date(2015, 6, 4))
    assert 0.3 < holidays.regional[corpus_christi] < 0.5
    assert holidays.public[corpus_christi] == 0


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(Rejected, match="XX"):
        covariates.build("XX", ["a"], date(2024, 1, 1), date(2024, 1, 3))


@pytest.mark.parametrize(
    "country", ["UA", "BG", "TH", "PH", "UZ", "ZM", "CN", "JP", "US", "DE", "BR", "IL", "SA", "IN"]
)
def test_one_year_before_is_not_in_the_same_season_and_every_country_has_days(country: str) -> None:
    holidays = calendar(country, date(2013, 6, 1), date(2026, 6, 1))
    assert (holidays.year_ago_by_holiday <= -300).all()
    assert ((holidays.since_holiday >= 0) & (holidays.until_holiday >= 0)).all()


def test_a_country_of_three_letters_is_refused_because_its_festivals_go_by_two() -> None:
    with pytest.raises(Rejected, match="CHN"):
        covariates.build("CHN", ["a"], date(2024, 1, 1), date(2024, 1, 3))
