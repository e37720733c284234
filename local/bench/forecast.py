"""A chain's night in one process: history to forecast, how it grows, a refresh, and mlforecast's training beside it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from local.bench.figures import Figure, limited, told
from local.place import HOUSE

STORES, DAYS, GROWN = 140, 730, 1_115
NIGHTS, TRAININGS = 30, 2
GIGABYTES, PRICE = 3_008 / 1024, 0.0000166667  # of the function; a second of a gigabyte on x86-64, in us-east-1
# A night of its own process, so that its peak memory is its own.
NIGHT = """
import json, resource, sys, time
from datetime import timedelta
from local.bench.chain import a_chain
from functions.forecast import rolling, training
from functions.forecast.training import Champion
snapshot = a_chain(int(sys.argv[1]), int(sys.argv[2]))
last = snapshot.history.last_day
begun = time.perf_counter()
night = training.trained(None, snapshot, last - timedelta(days=1))
trained = time.perf_counter()
rows = rolling.roll(night.chosen.models, snapshot, last - timedelta(days=1))
whole = time.perf_counter()
again = training.refreshed(night.chosen, snapshot, last, 1)
rolling.roll(again.chosen.models, snapshot, last)
refreshed = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
found = dict(train=trained - begun, forecast=whole - trained, refresh=refreshed - whole, peak=peak, rows=len(rows))
print(json.dumps(found))
"""
PEER = """
import json, resource, sys, time, warnings
import lightgbm
from local.bench.chain import as_table
from mlforecast import MLForecast
warnings.simplefilter("ignore")
table = as_table(int(sys.argv[1]), int(sys.argv[2]))
begun = time.perf_counter()
models = MLForecast(lightgbm.LGBMRegressor(n_estimators=200, num_threads=2, verbose=-1), freq="D",
    lags=[1, 7, 14, 28, 364], date_features=["dayofweek", "month", "day"])
models.fit(table)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(dict(train=time.perf_counter() - begun, peak=peak)))
"""


def bench() -> Iterator[Figure]:
    """140 stores of 730 days, then 1,115."""
    small, grown = _in_process(NIGHT, STORES), _in_process(NIGHT, GROWN)
    for name, found in ((f"{STORES}_stores", small), (f"{GROWN}_stores", grown)):
        yield told(f"forecast.{name}_train", found["train"], "s", "features, trials, members, intervals")
        yield told(f"forecast.{name}_forecast", found["forecast"], "s", f"{found['rows']:,} days with drivers")
        yield told(f"forecast.{name}_peak", found["peak"], "MiB")
    full = small["train"] + small["forecast"]
    yield limited("forecast.refresh_share", small["refresh"] / full, "of the full night, forecast included", 0.1)
    seconds = 1_000 * (TRAININGS * full + (NIGHTS - TRAININGS) * small["refresh"]) / STORES
    yield told("forecast.lambda", seconds * GIGABYTES * PRICE, "USD", "1,000 stores and a month; database aside")
    yield told(
        "forecast.growth", (grown["train"] + grown["forecast"]) / full, "x", f"{GROWN / STORES:.1f} x the stores"
    )
    yield limited(f"forecast.{GROWN}_stores_night", grown["train"] + grown["forecast"], "s", 900)
    yield limited(f"forecast.{GROWN}_stores_memory", grown["peak"], "MiB", 2048)
    peer = _in_process(PEER, STORES)
    yield told(
        "forecast.mlforecast_train", peer["train"], "s", "one recursive LightGBM, 200 trees, no trials or intervals"
    )
    yield told("forecast.mlforecast_peak", peer["peak"], "MiB")


def _in_process(code: str, stores: int) -> dict[str, Any]:
    command = [sys.executable, "-c", code, str(stores), str(DAYS)]
    done = subprocess.run(command, cwd=HOUSE, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
