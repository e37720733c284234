"""Public holidays and days off of a country by day, with the day that corresponds to each one year before."""

import calendar as months
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import chinese_calendar
import holidays
import numpy as np
from dateutil.easter import easter
from lunardate import LunarDate
from numpy.typing import NDArray

from shared.spine.errors import Rejected

Values = NDArray[np.float32]
# (month, day) of the Chinese lunar year
LUNAR = {"Spring Festival": (1, 1), "Lantern Festival": (1, 15), "Dragon Boat": (5, 5), "Mid-Autumn": (8, 15)}
LUNAR_COUNTRIES = frozenset({"CN", "HK", "MO", "TW", "SG", "MY", "VN", "KR"})
CUSTOMARY = ("public", "bank", "government", "optional")
NEAR = 10
FAR = 30
# A holiday that is not kept every year has no year ago; nor has one of which a year has two.
LEAST_APART, MOST_APART = 300, 400


@dataclass(frozen=True)
class HolidayCalendar:
    """The country's days from `first_day` on; every array is by day."""

    first_day: date
    public: Values
    regional: Values
    off: Values
    off_run: Values
    off_place: Values
    since_holiday: Values
    until_holiday: Values
    holiday_offset: Values
    holiday_code: Values
    year_ago_by_holiday: NDArray[np.int64]
    year_ago_by_date: NDArray[np.int64]
    easter_offset: Values
    lunar_offset: Values
    christmas_offset: Values
    customary: Values
    names: tuple[str, ...]


def require_country(country: str) -> None:
    """Raises `Rejected` for one without a calendar."""
    if len(country) != 2 or country not in holidays.list_supported_countries():  # noqa: PLR2004 - ISO 3166 alpha-2
        raise Rejected(
            "country_unknown", f"no public holidays are known of a country {country!r}: give two letters, as JP"
        )


@lru_cache(maxsize=32)
def holidays_of(country: str, first_day: date, count: int) -> HolidayCalendar:
    """The country's `count` days from `first_day` on."""
    dates = [first_day + timedelta(days=n) for n in range(count)]
    years = range(first_day.year - 1, dates[-1].year + 2)
    public = holidays.country_holidays(country, years=years, language="en_US")
    anchors = _anchors(country, public, years)
    offsets, codes, ago, names = _near_holidays(dates, anchors)
    around = [first_day + timedelta(days=n) for n in range(-NEAR, count + NEAR)]  # a run goes on where the table ends
    off = np.array([_is_off(country, day, public) for day in around], np.float32)
    run, place = _runs(off)
    since, until = _distances(dates, sorted(public))
    return HolidayCalendar(
        first_day=first_day,
        public=np.array([day in public for day in dates], np.float32),
        regional=_regional(country, dates, years),
        off=off[NEAR:-NEAR],
        off_run=run[NEAR:-NEAR],
        off_place=place[NEAR:-NEAR],
        since_holiday=since,
        until_holiday=until,
        holiday_offset=offsets,
        holiday_code=codes,
        year_ago_by_holiday=ago,
        year_ago_by_date=np.array([(_year_before(day) - day).days for day in dates]),
        easter_offset=_offset(dates, [easter(year) for year in years], FAR),
        lunar_offset=_offset(dates, [_lunar(year, *LUNAR["Spring Festival"]) for year in years], FAR),
        christmas_offset=_offset(dates, [date(year, 12, 25) for year in years], FAR),
        customary=_customary(country, dates, years),
        names=names,
    )


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, months.monthrange(day.year - 1, day.month)[1]))


def _lunar(year: int, month: int, day: int) -> date:
    solar: date = LunarDate(year, month, day).to_solar_date()
    return solar


def _customary(country: str, dates: list[date], years: Iterable[int]) -> Values:
    """1 on public holidays and on days on which banks and offices are closed by custom, as the last of a year."""
    kinds = [kind for kind in CUSTOMARY if kind in getattr(holidays, country).supported_categories]
    kept = holidays.country_holidays(country, years=years, categories=kinds)
    return np.array([day in kept for day in dates], np.float32)


def _anchors(country: str, public: dict[date, str], years: Iterable[int]) -> dict[str, list[date]]:
    """First day of every holiday by name and year; days in lieu belong to the holiday that they stretch."""
    found: dict[str, dict[int, date]] = defaultdict(dict)
    for day, text in sorted(public.items()):
        for part in text.split("; "):
            name = re.sub(r"\s*\(.*\)$", "", part)
            if not part.endswith("(observed)") and not part.startswith(("Day off", "Substitute", "National Holiday")):
                found[name].setdefault(day.year, day)
    if country in LUNAR_COUNTRIES:
        for name, (month, lunar_day) in LUNAR.items():
            found[name] = {year: _lunar(year, month, lunar_day) for year in years}
    return {name: sorted(by_year.values()) for name, by_year in found.items()}


def _near_holidays(
    dates: list[date], anchors: dict[str, list[date]]
) -> tuple[Values, Values, NDArray[np.int64], tuple[str, ...]]:
    """Of each day: days from the nearest holiday, which it is, and where that day lay a year ago."""
    offsets = np.full(len(dates), np.nan, np.float32)
    codes = np.full(len(dates), np.nan, np.float32)
    ago = np.full(len(dates), -364)
    names = tuple(sorted(anchors))
    for code, name in enumerate(names):
        for before, this in pairwise(anchors[name]):
            for place in range(-NEAR, NEAR + 1):
                at = (this - dates[0]).days + place
                closer = 0 <= at < len(dates) and not abs(offsets[at]) <= abs(place)
                if closer and LEAST_APART <= (this - before).days < MOST_APART:
                    offsets[at], codes[at], ago[at] = place, code, (before - this).days
    return offsets, codes, ago, names


def _is_off(country: str, day: date, public: dict[date, str]) -> bool:
    """Whether people have the day off, as far as the country decides it."""
    if country == "CN" and date(2004, 1, 1) <= day <= max(chinese_calendar.workdays):
        return bool(chinese_calendar.is_holiday(day))
    weekend = getattr(public, "weekend", {5, 6})
    return day in public or (day.weekday() in weekend and day not in getattr(public, "weekend_workdays", ()))


def _runs(off: Values) -> tuple[Values, Values]:
    """Of each day: how many days off stand together (0 at work), and its place among them from 1."""
    run, place = np.zeros_like(off), np.zeros_like(off)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], off, [0]])))
    for begin, end in edges.reshape(-1, 2):
        run[begin:end] = end - begin
        place[begin:end] = np.arange(1, end - begin + 1)
    return run, place


def _distances(dates: list[date], marks: list[date]) -> tuple[Values, Values]:
    if not marks:  # as in a country at war
        return np.full(len(dates), 30, np.float32), np.full(len(dates), 30, np.float32)
    days = np.array([day.toordinal() for day in dates])
    holiday = np.array([day.toordinal() for day in marks])
    after = np.clip(np.searchsorted(holiday, days, side="right"), 1, len(holiday) - 1)
    coming = np.clip(np.searchsorted(holiday, days), 0, len(holiday) - 1)
    since, until = days - holiday[after - 1], holiday[coming] - days
    return np.clip(since, 0, 30).astype(np.float32), np.clip(until, 0, 30).astype(np.float32)


def _offset(dates: list[date], marks: list[date], most: int) -> Values:
    """Signed days from the nearest of `marks`; NaN beyond `most`."""
    days = np.array([day.toordinal() for day in dates])[:, None]
    apart = days - np.array([day.toordinal() for day in marks])[None, :]
    nearest = np.take_along_axis(apart, np.abs(apart).argmin(1)[:, None], 1)[:, 0]
    return np.where(np.abs(nearest) <= most, nearest, np.nan).astype(np.float32)


def _regional(country: str, dates: list[date], years: Iterable[int]) -> Values:
    """Share of the country's parts that have a holiday of their own or of the whole; where a store lies is unknown."""
    parts = holidays.list_supported_countries()[country]
    if not parts:
        return np.array([0.0] * len(dates), np.float32)
    calendars = [holidays.country_holidays(country, subdiv=part, years=years) for part in parts]
    return np.array([np.mean([day in each for each in calendars]) for day in dates], np.float32)
