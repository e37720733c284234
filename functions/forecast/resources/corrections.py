"""GET /v1/forecasts/corrections."""

from datetime import date

from functions.forecast.resources.scope import READ, ChainQuery, require_chain
from functions.forecast.tables.corrections import read_corrections
from shared.contracts.models import Output
from shared.spine.http import Call, Reply


class CorrectionDocument(Output):
    """A correction of history. `source` is the id of the import or run; without `day` it covers all days."""

    source: str
    store: str
    day: date | None
    reason: str
    was: str
    became: str


class CorrectionPage(Output):
    """The newest 500."""

    corrections: list[CorrectionDocument]


def get_forecast_corrections(call: Call, query: ChainQuery) -> Reply:
    """The corrections of the history, with reasons."""
    require_chain(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        corrections = read_corrections(transaction, query.chain)
    return Reply(CorrectionPage(corrections=[CorrectionDocument(**vars(correction)) for correction in corrections]))
