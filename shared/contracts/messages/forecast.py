"""Messages about forecasts."""

from datetime import date

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


class ForecastMessage(MessageData):
    """Base of the messages about a run; `origin` is the last day of data that the run uses."""

    run: Ulid
    chain: str
    origin: date


class ForecastTrainingDue(ForecastMessage):
    """A batch of stores of the run awaits training."""

    type = "forecast.training_due"
    batch: int


class ForecastTrained(ForecastMessage):
    """A batch has a model set to forecast with."""

    type = "forecast.trained"
    batch: int
    model: Ulid


class ForecastReady(ForecastMessage):
    """The stores of the run have forecasts of the next `days` days; sent again if a late batch adds stores."""

    type = "forecast.ready"
    days: int
    stores: int


class ForecastDrifted(ForecastMessage):
    """The errors of recent forecasts are larger than expected, or their intervals cover less; all are shares of 1."""

    type = "forecast.drifted"
    wape: float
    expected_wape: float
    coverage: float
