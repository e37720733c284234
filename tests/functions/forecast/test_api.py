"""Rights of each call, and the sample events."""

import json
from pathlib import Path

from functions.forecast import api, count_sales, nightly_forecast, score_forecasts, train_part
from stack.gateway_event import Context
from tests.functions.forecast.nights import CHAIN, LAST, Chain
from tests.support.orders import Caller, new_key


def test_each_call_takes_its_right(chain: Chain) -> None:
    nobody = Caller(api.handler, new_key(chain.env, chain.database.owner.url, ["orders:read"]))
    reader = Caller(api.handler, new_key(chain.env, chain.database.owner.url, ["forecast:read"]))
    store_reader = Caller(
        api.handler, new_key(chain.env, chain.database.owner.url, ["forecast:read"], "store:demo:north")
    )
    for name in ("", "/export", "/models", "/runs", "/plans", "/settings", "/accuracy", "/corrections"):
        assert nobody("GET", f"/v1/forecasts{name}?chain={CHAIN}").status == 403
        assert reader("GET", f"/v1/forecasts{name}?chain={CHAIN}").status == 200
    assert store_reader("GET", f"/v1/forecasts?chain={CHAIN}&store=north").status == 200
    assert store_reader("GET", f"/v1/forecasts?chain={CHAIN}&store=south").status == 403
    assert store_reader("GET", f"/v1/forecasts?chain={CHAIN}").status == 403
    run = {"chain": CHAIN, "origin": LAST.isoformat()}
    assert reader("POST", "/v1/forecasts/runs", run).status == 403


def test_the_samples_in_events_are_taken(chain: Chain) -> None:
    del chain
    for module in (train_part, nightly_forecast, score_forecasts, count_sales):
        name = module.__name__.rpartition(".")[2]
        event = json.loads(Path(f"events/forecast/{name}.json").read_text(encoding="utf-8"))
        assert module.handler(event, Context()) == {"batchItemFailures": []}
