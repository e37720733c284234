"""Messages about forecasts."""

from datetime import date

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


class ForecastMessage(MessageData):
    """Base of the messages about a forecast run; `last_day` is the last day of data."""

    run: Ulid
    chain: str
    last_day: date


class ForecastTrainingDue(ForecastMessage):
    """A batch of a chain's stores is due for training; the run lists the stores."""

    type = "forecast.training_due"
    part: int


class ForecastTrained(ForecastMessage):
    """A batch has a model set for its forecast."""

    type = "forecast.trained"
    part: int
    model: Ulid


class ForecastReady(ForecastMessage):
    """The stores have forecasts for the next `days` days. It is announced again when more stores follow."""

    type = "forecast.ready"
    days: int
    stores: int


class ForecastDrifted(ForecastMessage):
    """The recent error is above the expected one, or the coverage of P10 to P90 is too low; shares of 1."""

    type = "forecast.drifted"
    missed: float
    expected: float
    inside: float
