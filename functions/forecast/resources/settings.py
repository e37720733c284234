"""GET and PUT /v1/forecasts/settings."""

from typing import Annotated

from pydantic import Field, StringConstraints

from functions.forecast.pipeline.input_range import require_country
from functions.forecast.resources.scope import READ, WRITE, ChainQuery, require_chain
from functions.forecast.tables.settings import ChainSettings, read_settings, upsert_settings
from shared.contracts.models import Input, Output
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply


class ForecastSettingsIn(Input):
    """Omitted fields take their defaults. The default country is the one of the chain's first store."""

    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")] | None = None
    night_hour: Annotated[int, Field(ge=0, le=20)] = 3
    retrain_days: Annotated[int, Field(ge=1, le=365)] = 14
    refresh_days: Annotated[int, Field(ge=1, le=30)] = 1
    stores_per_batch: Annotated[int, Field(ge=1, le=1_200)] = 1_200


class ForecastSettings(Output):
    """The settings of a chain, with all defaults."""

    chain: str
    country: str
    night_hour: int
    retrain_days: int
    refresh_days: int
    stores_per_batch: int


def get_forecast_settings(call: Call, query: ChainQuery) -> Reply:
    """The settings of a chain."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        return Reply(_document(transaction, query.chain))


def put_forecast_settings(call: Call, query: ChainQuery, body: ForecastSettingsIn) -> Reply:
    """Replace the settings of a chain."""
    require_chain(call, WRITE, query.chain)
    if body.country:
        require_country(body.country)
    with call.once() as (work, stored):
        upsert_settings(work, query.chain, body.model_dump_json(exclude_none=True))
        stored.reply = _document(work, query.chain).model_dump_json()
    return Reply(stored.reply)


def settings_of(transaction: Transaction, chain: str) -> ChainSettings:
    """The settings of a chain. Raises `NotFound` for a chain without stores."""
    settings = read_settings(transaction, chain)
    if settings is None:
        raise NotFound("unknown_chain", f"there is no chain {chain} with stores")
    return settings


def _document(transaction: Transaction, chain: str) -> ForecastSettings:
    return ForecastSettings(chain=chain, **vars(settings_of(transaction, chain)))
