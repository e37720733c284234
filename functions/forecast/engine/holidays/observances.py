"""Observances: days that people keep without a day off, such as Mother's Day or Ramadan, by rule and country.

Sources of the rules: national customs as published by florists' and calendar sites, such as fleurop.at (Mother's Day)
and happyfatherdays.com (Father's Day). Ramadan begins as in the package `holidays`, which has it as a holiday of the
Maldives. By the sighting of the moon a country can begin a day earlier or later.
"""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
from dateutil.easter import easter
from lunardate import LunarDate

Rule = Callable[[int], date]
MONDAY, FRIDAY, SUNDAY = 0, 4, 6
FIRST, SECOND, THIRD, FOURTH, LAST = 1, 2, 3, 4, -1
RAMADAN, LONGEST_RAMADAN = "Ramadan", 30
MALDIVES, FIRST_OF_RAMADAN, END_OF_RAMADAN = "MV", "First Day of Ramadan", "Eid al-Fitr"
SUPER_BOWL_IN_SECOND_WEEK = 2022  # since this year the season has a week more


def on_date(month: int, day: int) -> Rule:
    """The same date each year."""
    return lambda year: date(year, month, day)


def on_weekday(month: int, weekday: int, number: int) -> Rule:
    """The first (1), second (2), … or last (-1) such weekday of the month; 0 is Monday."""

    def rule(year: int) -> date:
        days = [
            day for day in range(1, calendar.monthrange(year, month)[1] + 1) if _weekday(year, month, day) == weekday
        ]
        return date(year, month, days[number if number < 0 else number - 1])

    return rule


def from_easter(days: int) -> Rule:
    """A number of days from Easter Sunday of the western churches."""
    return lambda year: easter(year) + timedelta(days=days)


def lunar(month: int, day: int) -> Rule:
    """A day of the Chinese lunar year."""

    def rule(year: int) -> date:
        solar: date = LunarDate(year, month, day).to_solar_date()
        return solar

    return rule


def day_after(rule: Rule) -> Rule:
    """The day after that of another rule."""
    return lambda year: rule(year) + timedelta(days=1)


def _weekday(year: int, month: int, day: int) -> int:
    return date(year, month, day).weekday()


def _mothers_day_of_france(year: int) -> date:
    """The last Sunday of May, or a week later if that is Pentecost (Code de l'action sociale, D215-2)."""
    day = on_weekday(5, SUNDAY, LAST)(year)
    return on_weekday(6, SUNDAY, FIRST)(year) if day == from_easter(49)(year) else day


def _super_bowl(year: int) -> date:
    return on_weekday(2, SUNDAY, SECOND if year >= SUPER_BOWL_IN_SECOND_WEEK else FIRST)(year)


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Observance:
    """An observance of some countries (ISO 3166 alpha-2)."""

    name: str
    rule: Rule
    countries: frozenset[str]


def _of(name: str, rule: Rule, countries: str) -> Observance:
    return Observance(name, rule, _codes(countries))


# Most people there are Muslims.
RAMADAN_COUNTRIES = _codes(
    "AE AF AL AZ BD BF BH BN DJ DZ EG GM GN ID IQ IR JO KG KM KW KZ LB LY MA ML MR MV MY NE OM PK PS QA SA SD SN SO SY"
    " TD TJ TM TN TR UZ XK YE"
)
THANKSGIVING = on_weekday(11, 3, FOURTH)
OBSERVANCES = (
    _of("Mother's Day", on_weekday(5, SUNDAY, SECOND),
        "AT AU BD BE BR CA CH CL CN CO CU CY CZ DE DK EC EE FI GH GR HK HN HR IN IS IT JM JP LI LK LV MO MT MY NL NZ PE"
        " PH PK PR SG SK TR TW UA UG US UY VE ZA ZM ZW"),
    _of("Mother's Day", on_weekday(5, SUNDAY, FIRST), "AO CV ES HU LT LU MZ PT RO"),
    _of("Mother's Day", on_weekday(5, SUNDAY, LAST), "DO DZ HT MA MG MU SE SN TN"),
    _of("Mother's Day", _mothers_day_of_france, "FR MC"),
    _of("Mother's Day", from_easter(-21), "GB GG IE IM JE NG"),
    _of("Mother's Day", on_date(5, 10), "GT MX SV"),
    _of("Mother's Day", on_date(3, 21), "AE BH EG IQ JO KW LB LY OM PS QA SA SD SY YE"),
    _of("Mother's Day", on_date(5, 26), "PL"),
    _of("Mother's Day", on_date(8, 12), "TH"),
    _of("Mother's Day", on_date(12, 22), "ID"),
    _of("Mother's Day", on_weekday(10, SUNDAY, THIRD), "AR"),
    _of("Mother's Day", on_weekday(2, SUNDAY, SECOND), "NO"),
    _of("Parents' Day", on_date(5, 8), "KR"),
    _of("Women's Day", on_date(3, 8), "BG BY CN IT KZ MD RO RS RU VN"),
    _of("Father's Day", on_weekday(6, SUNDAY, THIRD),
        "AR CA CL CN CO CU CY CZ EC FR GB GH GR HK HU IE IN JM JP LK MC MO MT MX MY NL PE PH PK PR SG SK TR TT US VE ZA"
        " ZW"),
    _of("Father's Day", on_date(3, 19), "BO ES HN HR IT LI PT"),
    _of("Father's Day", on_weekday(6, SUNDAY, SECOND), "AT BE"),
    _of("Father's Day", on_weekday(6, SUNDAY, FIRST), "CH LT"),
    _of("Father's Day", on_weekday(8, SUNDAY, SECOND), "BR"),
    _of("Father's Day", on_weekday(9, SUNDAY, FIRST), "AU NZ"),
    _of("Father's Day", on_weekday(11, SUNDAY, SECOND), "EE FI IS NO SE"),
    _of("Father's Day", on_date(6, 5), "DK"),
    _of("Father's Day", on_date(6, 23), "PL"),
    _of("Father's Day", on_date(8, 8), "TW"),
    _of("Father's Day", on_date(12, 5), "TH"),
    _of("Valentine's Day", on_date(2, 14),
        "AE AR AT AU BE BG CA CH CL CN CR CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IN IS IT JP KE KR LI LT LU LV MO MT"
        " MX MY NL NO NZ PA PE PH PL PR PT RO SE SG SI SK TH TR TW UA US VN ZA"),
    _of("Valentine's Day", on_date(6, 12), "BR"),
    _of("White Day", on_date(3, 14), "JP KR TW"),
    _of("Qixi", lunar(7, 7), "CN HK MO TW"),
    _of("Singles' Day", on_date(11, 11), "CN HK MO MY SG TW"),
    _of("Black Friday", day_after(THANKSGIVING),
        "AR AT AU BE BG BR CA CH CL CO CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MX NL NO NZ PL PT RO SE SI SK TR"
        " US ZA"),
    _of("Super Bowl Sunday", _super_bowl, "US"),
    _of("Saint Patrick's Day", on_date(3, 17), "AU CA GB US"),
    _of("Cinco de Mayo", on_date(5, 5), "US"),
    _of("Halloween", on_date(10, 31), "CA GB IE US"),
    _of("Christmas Eve", on_date(12, 24), "JP KR"),
    _of("Rose Monday", from_easter(-48), "AT DE"),
)  # fmt: skip


def observances_of(country: str, years: Iterable[int]) -> dict[str, list[date]]:
    """The days of each observance of the country, in order."""
    years = sorted(years)
    return {
        observance.name: [observance.rule(year) for year in years]
        for observance in OBSERVANCES
        if country in observance.countries
    }


def ramadan_of(country: str, years: Iterable[int]) -> list[tuple[date, date]]:
    """The first and the last day of each Ramadan that begins in these years; empty if the country does not keep it."""
    if country not in RAMADAN_COUNTRIES:
        return []
    years = sorted(years)
    days = sorted(holidays.country_holidays(MALDIVES, years=[*years, years[-1] + 1], language="en_US").items())
    begins = [day for day, name in days if name.startswith(FIRST_OF_RAMADAN) and day.year in years]
    ends = [day - timedelta(days=1) for day, name in days if name.startswith(END_OF_RAMADAN)]
    longest = timedelta(days=LONGEST_RAMADAN)
    return [(begin, min(end for end in ends if begin < end <= begin + longest)) for begin in begins]
