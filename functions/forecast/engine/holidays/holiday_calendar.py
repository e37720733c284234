"""Public holidays, observances and days off of a country by day, with the day that corresponds one year before.

Sources: the packages `holidays` (public, bank and government holidays), `chinesecalendar` (make-up working days by the
State Council's notices), `lunardate` (lunar festivals) and `dateutil.easter`.
"""

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

from functions.forecast.engine.arrays import Flags, Indices, Values
from functions.forecast.engine.holidays.observances import RAMADAN, lunar, observances_of, ramadan_of
from shared.spine.errors import Rejected

# (month, day) of the Chinese lunar year
LUNAR = {"Spring Festival": (1, 1), "Lantern Festival": (1, 15), "Dragon Boat": (5, 5), "Mid-Autumn": (8, 15)}
LUNAR_COUNTRIES = frozenset({"CN", "HK", "MO", "TW", "SG", "MY", "VN", "KR"})
CUSTOMARY = ("public", "bank", "government", "optional")
NEAR_DAYS = 10  # a day this near to a holiday is compared with the same day beside it one year before
OBSERVANCE_DAYS = 1  # the same of an observance: its eve, the day itself and the day after
LONG_HOLIDAYS = 4  # days off in a row
RAMADAN_DAYS = 28  # after the first day; a thirtieth day is the eve of Eid al-Fitr
RAMADAN_RANK = 3  # a day of Ramadan belongs to another holiday that is nearer than this
FAR_DAYS = 30  # distances are cut to this number of days
YEAR = 364  # days; a multiple of 7
# Two dates of a holiday that are less or more days apart are not one year apart.
LEAST_APART, MOST_APART = 300, 400
CHINA_FROM = date(2004, 1, 1)  # the first year of `chinesecalendar`


@dataclass(frozen=True)
class HolidayCalendar:
    """The country's days from `first_day` on; every array is by day.

    - `public`, `off`, `customary`: 1 or 0. `regional`: share of the country's regions with a holiday.
    - `off_run`: length of the run of days off, 0 on a working day. `off_index`: the day's index in it, from 1.
    - `since_holiday`, `until_holiday`: days from the last and to the next public holiday, 0 on it, at most `FAR_DAYS`.
    - `holiday_offset`: signed days from the nearest holiday or observance, NaN beyond `NEAR_DAYS`. On a day of Ramadan:
      days since its first. `holiday_code`: its index in `holiday_names`.
    - `observance`: True on a day that belongs to an observance, and not to a public holiday.
    - `ramadan_day`: 1 on the first day of Ramadan, 0 on other days; None if the country does not keep it.
    - `year_ago_by_holiday`, `year_ago_by_date`: negative days to the day one year before.
    - `easter_offset`, `lunar_offset`, `christmas_offset`: signed days from the nearest, NaN beyond `FAR_DAYS`.
    """

    first_day: date
    public: Values
    regional: Values
    off: Values
    off_run: Values
    off_index: Values
    since_holiday: Values
    until_holiday: Values
    holiday_offset: Values
    holiday_code: Values
    year_ago_by_holiday: Indices
    year_ago_by_date: Indices
    easter_offset: Values
    lunar_offset: Values
    christmas_offset: Values
    customary: Values
    holiday_names: tuple[str, ...]
    observance: Flags
    ramadan_day: Values | None


def require_country(country: str) -> None:
    """Raises `Rejected` for a country without public holidays in the package `holidays`."""
    if len(country) != 2 or country not in holidays.list_supported_countries():  # noqa: PLR2004 - ISO 3166 alpha-2
        raise Rejected(
            "country_unknown", f"Country {country!r} has no public holidays here. Use two letters, such as JP."
        )


@lru_cache(maxsize=32)
def holidays_of(country: str, first_day: date, count: int) -> HolidayCalendar:
    """The country's `count` days from `first_day` on."""
    dates = [first_day + timedelta(days=n) for n in range(count)]
    years = range(first_day.year - 1, dates[-1].year + 2)
    public = holidays.country_holidays(country, years=years, language="en_US")
    ramadans = ramadan_of(country, years)
    off, off_run, off_index = _days_off(country, first_day, count, public)
    anchors = _anchors(country, public, years, ramadans)
    offsets, codes, year_ago, names = _near_holidays(dates, anchors, off_run >= LONG_HOLIDAYS)
    since, until = _distances(dates, sorted(public))
    return HolidayCalendar(
        first_day=first_day,
        public=np.array([day in public for day in dates], np.float32),
        regional=_regional(country, dates, years),
        off=off,
        off_run=off_run,
        off_index=off_index,
        since_holiday=since,
        until_holiday=until,
        holiday_offset=offsets,
        holiday_code=codes,
        year_ago_by_holiday=year_ago,
        year_ago_by_date=np.array([(_year_before(day) - day).days for day in dates]),
        easter_offset=_offset(dates, [easter(year) for year in years]),
        lunar_offset=_offset(dates, [lunar(*LUNAR["Spring Festival"])(year) for year in years]),
        christmas_offset=_offset(dates, [date(year, 12, 25) for year in years]),
        customary=_customary(country, dates, years),
        holiday_names=names,
        observance=_of_observances(codes, names, anchors),
        ramadan_day=_ramadan_day(dates, ramadans) if ramadans else None,
    )


def _year_before(day: date) -> date:
    """The same date one year before; 28 February for 29 February."""
    return day.replace(year=day.year - 1, day=min(day.day, months.monthrange(day.year - 1, day.month)[1]))


@dataclass(frozen=True)
class Anchor:
    """A holiday with its dates; a day belongs to it up to `before` days before and `after` days after one.

    `farthest_rank` is the largest distance that counts when a day could belong to two anchors. `on_long_holidays` is
    False for an observance: within a week of days off, such as the Spring Festival, Valentine's Day hardly counts.
    """

    name: str
    dates: list[date]
    before: int = NEAR_DAYS
    after: int = NEAR_DAYS
    farthest_rank: int = NEAR_DAYS
    on_long_holidays: bool = True


def _customary(country: str, dates: list[date], years: Iterable[int]) -> Values:
    """1 on public holidays, and on days on which banks and offices close by custom, such as 31 December."""
    categories = [kind for kind in CUSTOMARY if kind in getattr(holidays, country).supported_categories]
    customary_days = holidays.country_holidays(country, years=years, categories=categories)
    return np.array([day in customary_days for day in dates], np.float32)


def _anchors(
    country: str, public: dict[date, str], years: Iterable[int], ramadans: list[tuple[date, date]]
) -> list[Anchor]:
    """Public holidays and lunar festivals, then observances: of two at the same distance the first counts."""
    holidays_by_name = _public_holidays(public)
    if country in LUNAR_COUNTRIES:
        holidays_by_name |= {name: [lunar(*day)(year) for year in years] for name, day in LUNAR.items()}
    observances = {name: days for name, days in observances_of(country, years).items() if name not in holidays_by_name}
    return [
        *(Anchor(name, days) for name, days in sorted(holidays_by_name.items())),
        *(
            Anchor(name, days, OBSERVANCE_DAYS, OBSERVANCE_DAYS, on_long_holidays=False)
            for name, days in sorted(observances.items())
        ),
        # A day of Ramadan is compared with the same day of Ramadan one year before.
        *([Anchor(RAMADAN, [begin for begin, _ in ramadans], 0, RAMADAN_DAYS, RAMADAN_RANK)] if ramadans else ()),
    ]


def _public_holidays(public: dict[date, str]) -> dict[str, list[date]]:
    """First day of every holiday by name and year; a substitute day belongs to the holiday that it extends."""
    first_days: dict[str, dict[int, date]] = defaultdict(dict)
    for day, names in sorted(public.items()):
        for text in names.split("; "):
            name = re.sub(r"\s*\(.*\)$", "", text)
            if not text.endswith("(observed)") and not text.startswith(("Day off", "Substitute", "National Holiday")):
                first_days[name].setdefault(day.year, day)
    return {name: sorted(by_year.values()) for name, by_year in first_days.items()}


def _of_observances(codes: Values, names: tuple[str, ...], anchors: list[Anchor]) -> Flags:
    """[day]: True if the day's anchor is an observance."""
    own = [names.index(anchor.name) for anchor in anchors if not anchor.on_long_holidays]
    flags: Flags = np.isin(codes, own)
    return flags


def _ramadan_day(dates: list[date], ramadans: list[tuple[date, date]]) -> Values:
    days = np.zeros(len(dates), np.float32)
    for begin, end in ramadans:
        for index, day in enumerate(dates):
            if begin <= day <= end:
                days[index] = (day - begin).days + 1
    return days


def _near_holidays(
    dates: list[date], anchors: list[Anchor], long_holidays: Flags
) -> tuple[Values, Values, Indices, tuple[str, ...]]:
    """`holiday_offset`, `holiday_code`, `year_ago_by_holiday` and `holiday_names`."""
    offsets, codes, ranks = (np.full(len(dates), np.nan, np.float32) for _ in range(3))
    year_ago = np.full(len(dates), -YEAR)
    names = tuple(sorted(anchor.name for anchor in anchors))
    for anchor in anchors:
        for before, holiday in pairwise(anchor.dates):
            if not LEAST_APART <= (holiday - before).days < MOST_APART:
                continue
            for offset in range(-anchor.before, anchor.after + 1):
                index = (holiday - dates[0]).days + offset
                if not 0 <= index < len(dates) or (long_holidays[index] and not anchor.on_long_holidays):
                    continue
                rank = min(abs(offset), anchor.farthest_rank)
                if not ranks[index] <= rank:
                    offsets[index], codes[index], ranks[index] = offset, names.index(anchor.name), rank
                    year_ago[index] = (before - holiday).days
    return offsets, codes, year_ago, names


def _days_off(country: str, first_day: date, count: int, public: dict[date, str]) -> tuple[Values, Values, Values]:
    """`off`, `off_run` and `off_index`; a run may begin before the first day or end after the last."""
    dates = [first_day + timedelta(days=n) for n in range(-NEAR_DAYS, count + NEAR_DAYS)]
    off = np.array([_is_off(country, day, public) for day in dates], np.float32)
    run, index = np.zeros_like(off), np.zeros_like(off)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], off, [0]])))
    for begin, end in edges.reshape(-1, 2):
        run[begin:end] = end - begin
        index[begin:end] = np.arange(1, end - begin + 1)
    within = slice(NEAR_DAYS, -NEAR_DAYS)
    return off[within], run[within], index[within]


def _is_off(country: str, day: date, public: dict[date, str]) -> bool:
    """True on holidays and weekends, except make-up working days."""
    if country == "CN" and CHINA_FROM <= day <= max(chinese_calendar.workdays):
        return bool(chinese_calendar.is_holiday(day))
    weekend = getattr(public, "weekend", {5, 6})
    return day in public or (day.weekday() in weekend and day not in getattr(public, "weekend_workdays", ()))


def _distances(dates: list[date], public: list[date]) -> tuple[Values, Values]:
    """`since_holiday` and `until_holiday`."""
    if not public:  # such as Ukraine in 2023
        return np.full(len(dates), FAR_DAYS, np.float32), np.full(len(dates), FAR_DAYS, np.float32)
    days = np.array([day.toordinal() for day in dates])
    holiday = np.array([day.toordinal() for day in public])
    after = np.clip(np.searchsorted(holiday, days, side="right"), 1, len(holiday) - 1)
    coming = np.clip(np.searchsorted(holiday, days), 0, len(holiday) - 1)
    since, until = days - holiday[after - 1], holiday[coming] - days
    return np.clip(since, 0, FAR_DAYS).astype(np.float32), np.clip(until, 0, FAR_DAYS).astype(np.float32)


def _offset(dates: list[date], anchors: list[date]) -> Values:
    """Signed days from the nearest anchor; NaN beyond `FAR_DAYS`."""
    days = np.array([day.toordinal() for day in dates])[:, None]
    distance = days - np.array([day.toordinal() for day in anchors])[None, :]
    nearest = np.take_along_axis(distance, np.abs(distance).argmin(1)[:, None], 1)[:, 0]
    return np.where(np.abs(nearest) <= FAR_DAYS, nearest, np.nan).astype(np.float32)


def _regional(country: str, dates: list[date], years: Iterable[int]) -> Values:
    """Share of the country's regions that have a holiday, regional or national. A store's region is unknown."""
    regions = holidays.list_supported_countries()[country]
    if not regions:
        return np.array([0.0] * len(dates), np.float32)
    calendars = [holidays.country_holidays(country, subdiv=region, years=years) for region in regions]
    return np.array([np.mean([day in calendar for calendar in calendars]) for day in dates], np.float32)
