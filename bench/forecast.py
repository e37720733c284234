"""A chain's nights by the functions themselves, from the database and back; how they grow; mlforecast beside them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from datetime import date, timedelta

from bench.chain import forecast_before, open_chain
from bench.figures import Figure, limited, told
from bench.night import CHAIN
from bench.rig import Rig
from stack.addresses import CHECKOUT
from stack.emulator import Emulator

STORES, LARGE, TENFOLD, DAYS = 140, 1_115, 1_400, 730
NIGHTS, TRAININGS, RETRAIN_DAYS = 30, 2, 14
GIGABYTES, PRICE = 3_008 / 1024, 0.0000166667  # of the functions; a second of a gigabyte on x86-64, in us-east-1
BUCKET = "bench-models"
OF_PROCESS = ("processor", "peak")
PEER = """
import json, os, sys, time, warnings
import lightgbm
from bench.chain import as_table
from mlforecast import MLForecast
from stack.memory import resident_mb
warnings.simplefilter("ignore")
table = as_table(int(sys.argv[1]), int(sys.argv[2]))
begun = time.perf_counter()
models = MLForecast(lightgbm.LGBMRegressor(n_estimators=200, num_threads=2, verbose=-1), freq="D",
    lags=[1, 7, 14, 28, 364], date_features=["dayofweek", "month", "day"])
models.fit(table)
peak = resident_mb(os.getpid(), "VmHWM")
print(json.dumps(dict(train=time.perf_counter() - begun, peak=peak)))
"""


def bench(rig_of: Callable[[], Rig], emulator: Emulator) -> Iterator[Figure]:
    """140 stores of 730 days, then 1,115; the first night of ten times as many."""
    emulator.client("s3").create_bucket(Bucket=BUCKET)
    small = yield from _nights(rig_of, STORES)
    yield from _nights(rig_of, LARGE)
    rig = rig_of()
    grown = _seconds(_ran(rig, "night", open_chain(rig, CHAIN, TENFOLD, DAYS, 0)))
    yield told("forecast.growth", grown / small, "x", f"a first night of {TENFOLD} stores beside one of {STORES}")
    peer = _in_process("-c", PEER, str(STORES), str(DAYS))
    yield told(
        "forecast.mlforecast_train", peer["train"], "s", "one recursive LightGBM, 200 trees, no trials or intervals"
    )
    yield told("forecast.mlforecast_peak", peer["peak"], "MiB")


def _nights(rig_of: Callable[[], Rig], stores: int) -> Generator[Figure, None, float]:
    """A first night, whose seconds are returned; a refresh; a full night, in which a challenger is compared with the
    champion.

    The later ones as after a month of nights, whose forecasts are there and are scored.
    """
    name = f"forecast.{stores}_stores"
    rig = rig_of()
    first = open_chain(rig, CHAIN, stores, DAYS, RETRAIN_DAYS)
    first_night = _ran(rig, "night", first)
    forecast_before(rig, CHAIN, first)
    light = _ran(rig, "night", first + timedelta(days=1))
    tried = _ran(rig, "what-if", first + timedelta(days=5))
    full_night = _ran(rig, "night", first + timedelta(days=RETRAIN_DAYS))
    full, refresh = _seconds(full_night), _seconds(light)
    yield limited(f"{name}_night", full, "s", 900)
    for function, seconds in full_night.items():
        if function not in OF_PROCESS:
            yield told(
                f"{name}_night_{function.partition('.')[2]}", seconds, "s", "the function that this message wakes"
            )
    yield told(f"{name}_night_processor", full_night["processor"], "s", "on one thread, loading Python with it")
    yield limited(f"{name}_peak", full_night["peak"], "MiB", 2048)
    yield limited(f"{name}_refresh_share", refresh / full, "of the full night", 0.1)
    yield limited(f"{name}_what_if", tried["first"], "s", 30)
    yield told(f"{name}_what_if_next", tried["next"], "s", "in the same environment")
    month = (TRAININGS * full + (NIGHTS - TRAININGS) * refresh) * GIGABYTES * PRICE
    yield told(f"{name}_cost", 1000 * month / stores, "USD", "1,000 stores and a month; database and storage aside")
    return _seconds(first_night)


def _seconds(figures: dict[str, float]) -> float:
    return sum(seconds for name, seconds in figures.items() if name not in OF_PROCESS)


def _ran(rig: Rig, kind: str, day: date) -> dict[str, float]:
    variables = {"DATABASE_SECRET": rig.settings.database_secret, "MODELS_BUCKET": BUCKET, "EVENTS_TOPIC_ARN": ""}
    return _in_process("-m", "bench.night", kind, day.isoformat(), **variables)


def _in_process(*arguments: str, **variables: str) -> dict[str, float]:
    command = [sys.executable, *arguments]
    environment = {**os.environ, **variables}
    completed = subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(completed.stdout.splitlines()[-1])
    return figures
