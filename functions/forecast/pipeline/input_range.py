"""The range of inputs of a forecast: countries with a calendar, and days around the origin."""

from datetime import date, timedelta

from functions.forecast.engine.settings import HORIZON


def require_country(country: str) -> None:
    """Raises `Rejected` for a country without a calendar."""
    from functions.forecast.engine.holidays import holiday_calendar  # noqa: PLC0415 - takes half a second to load

    holiday_calendar.require_country(country)


def forecast_days(origin: date) -> tuple[date, date]:
    """The first and the last day that a forecast from `origin` covers."""
    return origin + timedelta(days=1), origin + timedelta(days=HORIZON)
