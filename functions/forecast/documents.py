"""What callers send to and get from forecasting."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Base64Bytes, Field, StringConstraints, model_validator

from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query
from shared.contracts.money import Currency

Id = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Day = Annotated[date, Field(ge=date(1990, 1, 1), lt=date(3000, 1, 1))]
MOST_BYTES = 16 * 1024 * 1024
Kind = Literal["closure", "opening", "promotion", "event", "school_holiday"]


class ChainQuery(Query):
    """A chain."""

    chain: Id


class ForecastQuery(ChainQuery):
    """The forecast made on the evening of `origin`; without one the newest."""

    origin: Day | None = None
    store: Id | None = None


class DaysQuery(ChainQuery):
    """A stretch of days; without `to` to the newest, without `since` eight weeks of them."""

    since: Day | None = None
    to: Day | None = None


class HistoryQuery(DaysQuery):
    """A store's days."""

    store: Id


class PlanPath(Query):
    """A plan."""

    plan: Ulid


class AgainQuery(ChainQuery):
    """One part of the run, or all of them, which takes a second or two each."""

    part: int | None = None


class RunPath(Query):
    """A run."""

    run: Ulid


class FileIn(Input):
    """Small files are `csv` itself or `parquet` in base 64; larger ones are put into an `upload` first."""

    chain: Id
    csv: Annotated[str, StringConstraints(min_length=1)] | None = None
    parquet: Base64Bytes | None = None
    upload: Ulid | None = None

    @model_validator(mode="after")
    def _one_file(self) -> Self:
        if [self.csv, self.parquet, self.upload].count(None) != 2:  # noqa: PLR2004 - one of the three is there
            raise ValueError("give one of csv, parquet and upload")
        return self


class HistoryIn(FileIn):
    """Columns store_id, date, revenue in minor units, perhaps currency. A day without a row is a day closed."""

    currency: Currency


class WeatherIn(FileIn):
    """Columns store_id (`*`: all of the chain's), date, and numbers in up to six whose names begin with `weather`.

    Of past days and of those to come. An empty number takes back what was said before.
    """


class WeatherPath(Query):
    """A column of weather."""

    column: Annotated[str, StringConstraints(pattern="^weather[a-z0-9_]{0,33}$")]


class UploadIn(Input):
    """A file of so many `bytes`: Parquet, or CSV as it is or compressed by gzip."""

    chain: Id
    bytes: Annotated[int, Field(ge=1, le=MOST_BYTES)]


class UploadDocument(Output):
    """PUT the file to `url` until `expires_at`, without headers of ours; then import it as `upload`."""

    upload: Ulid
    url: str
    expires_at: datetime


class PlanIn(Input):
    """What is known of days to come (or was of past ones); without `store` in all stores of the chain."""

    chain: Id
    store: Id | None = None
    kind: Kind
    first_day: Annotated[Day, Field(strict=False)]
    last_day: Annotated[Day, Field(strict=False)]
    note: Annotated[str, StringConstraints(max_length=200)] = ""


class WhatIfIn(Input):
    """One plan that is tried on the newest forecast of a store, and not kept."""

    chain: Id
    store: Id
    kind: Kind
    first_day: Annotated[Day, Field(strict=False)]
    last_day: Annotated[Day, Field(strict=False)]


class RunIn(Input):
    """Forecast a chain from the evening of `last_day`, where that evening has no run yet."""

    chain: Id
    last_day: Annotated[Day, Field(strict=False)]


class ForecastSettingsIn(Input):
    """What is left away is by default: the country that the chain's first store is in, 3 o'clock, 14 days, daily."""

    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None
    night_hour: Annotated[int, Field(ge=0, le=20)] = 3
    retrain_days: Annotated[int, Field(ge=1, le=365)] = 14
    refresh_days: Annotated[int, Field(ge=1, le=30)] = 1
    stores_at_once: Annotated[int, Field(ge=1, le=1_200)] = 1_200


class ForecastSettings(Output):
    """A chain's settings with every default."""

    chain: str
    country: str
    night_hour: int
    retrain_days: int
    refresh_days: int
    stores_at_once: int


class ForecastDay(Output):
    """A store's day in minor units; `usual` times all factors in `drivers` is the mean, had the store been open."""

    store: str
    day: date
    origin: date
    mean: int
    p10: int
    p50: int
    p90: int
    champion: str
    words: str
    drivers: dict[str, float]


class ForecastPage(Output):
    """Made on the evening of `origin`, the newest of its days' own: the last day known; `since` is the first."""

    chain: str
    since: date | None
    origin: date | None
    days: list[ForecastDay]


class HistoryDay(Output):
    """What counts for a day, and what says so."""

    day: date
    currency: str
    revenue: int
    source: str


class HistoryPage(Output):
    """Days without a row are closed or unknown."""

    store: str
    days: list[HistoryDay]


class CorrectionDocument(Output):
    """What was mended, by which import or run."""

    source: str
    store: str
    day: date | None
    reason: str
    was: str
    became: str


class CorrectionPage(Output):
    """The newest 500."""

    corrections: list[CorrectionDocument]


class ImportDocument(Output):
    """What was taken from a file. Of `mended` corrections the first 500."""

    id: Ulid
    stores: int
    days: int
    mended: int
    corrections: list[CorrectionDocument]


class WeatherTaken(Output):
    """What was taken from a file: which columns, of how many stores' days."""

    columns: list[str]
    days: int


class WeatherColumns(Output):
    """The columns that the chain has."""

    columns: list[str]


class WeatherDay(Output):
    """The store's own numbers, and where there are none the chain's."""

    day: date
    weather: dict[str, float]


class WeatherPage(Output):
    """A store's days, and all columns that the chain has."""

    store: str
    columns: list[str]
    days: list[WeatherDay]


class PlanDocument(Output):
    """A plan."""

    id: Ulid
    store: str | None
    kind: str
    first_day: date
    last_day: date
    note: str


class PlanPage(Output):
    """By their first day."""

    plans: list[PlanDocument]


class Accuracy(Output):
    """Of `days` that were forecast: 1 - sum |y - f| / sum y, and the share of days between P10 and P90."""

    name: str
    days: int
    accuracy: float
    inside: float


class AccuracyPage(Output):
    """By store, by days ahead, by model set."""

    chain: str
    since: date
    to: date
    stores: list[Accuracy]
    horizons: list[Accuracy]
    models: list[Accuracy]


class RefusedPart(Output):
    """Stores (the first hundred of the part's) that a night did not forecast, and why."""

    part: int
    code: str
    detail: str
    stores: list[str]


class FilledColumn(Output):
    """What was taken for days ahead of which nobody said what is said of others: for how many, by which rule."""

    part: int
    column: str
    rule: str


class RunDocument(Output):
    """A night; `done` of its `parts` are forecast, others perhaps `refused` for their history, or never ended."""

    id: Ulid
    last_day: date
    parts: int
    done: int
    drifted: bool
    begun_at: datetime
    ended_at: datetime | None
    refused: list[RefusedPart]
    filled: list[FilledColumn]


class RunPage(Output):
    """The newest sixty."""

    runs: list[RunDocument]


class RunBegun(Output):
    """A run that begins now."""

    id: Ulid
    last_day: date


class PartAgain(Output):
    """SHA-256 of a part's forecast as it was kept, and as it is made now."""

    part: int
    kept: str
    now: str


class Again(Output):
    """A past run, made again from its model sets and snapshots."""

    run: str
    same: bool
    parts: list[PartAgain]


class ModelDocument(Output):
    """A model set."""

    id: Ulid
    part: int
    trained_to: date
    refreshed_to: date
    data_hash: str
    code_version: str
    parameters: dict[str, Any]
    scores: dict[str, Any]
    live: bool


class ModelPage(Output):
    """The newest hundred."""

    models: list[ModelDocument]


class WhatIfDay(Output):
    """Revenue expected as it is planned, and if."""

    day: date
    mean: int
    mean_if: int
    p10_if: int
    p90_if: int
    words: str


class WhatIf(Output):
    """What one plan would change."""

    store: str
    origin: date
    days: list[WhatIfDay]
