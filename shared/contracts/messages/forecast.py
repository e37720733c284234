"""What is said of forecasts."""

from datetime import date

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


class ForecastMessage(MessageData):
    """Base of those about a chain's nightly forecast; `last_day` is the last day that it knows."""

    run: Ulid
    chain: str
    last_day: date


class ForecastTrainingDue(ForecastMessage):
    """Some stores of a chain are to be trained for; the run has which."""

    type = "forecast.training_due"
    part: int


class ForecastTrained(ForecastMessage):
    """A part has a model set to forecast with."""

    type = "forecast.trained"
    part: int
    model: Ulid


class ForecastReady(ForecastMessage):
    """Every store that could be forecast has its next `days` days; again, with more stores, where some came late."""

    type = "forecast.ready"
    days: int
    stores: int


class ForecastDrifted(ForecastMessage):
    """Of late the forecasts miss more than they should, or their intervals hold less; shares of 1."""

    type = "forecast.drifted"
    missed: float
    expected: float
    inside: float
