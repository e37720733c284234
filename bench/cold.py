"""Cold starts: a fresh interpreter, from its start to the first reply, against importing botocore and PyMySQL."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.figures import Figure, at_most, compared, seconds, told
from bench.rig import Rig
from demo import pizzaplace
from stack.addresses import CHECKOUT
from stack.concerns import read_functions

PAIRS = 9
# Both end at once where what is measured ends: taking an interpreter apart is nobody's cold start.
FLOOR = "import os, botocore.session, pymysql; os._exit(0)"
CALL = """
import importlib, json, os, sys
class Context:
    aws_request_id = "cold"; function_name = "cold"
    def get_remaining_time_in_millis(self): return 30000
handler = importlib.import_module(sys.argv[1]).handler
reply = handler(json.load(open(sys.argv[2])), Context())
assert not reply or reply.get("statusCode", 200) <= int(sys.argv[3]) and not reply.get("batchItemFailures"), reply
os._exit(0)
"""
# What is asked of a concern's HTTP face; order intake takes an order.
ASKED = {
    "functions.console.api": f"/v1/takings?chain={pizzaplace.CHAIN}",
    "functions.forecast.api": f"/v1/forecasts/settings?chain={pizzaplace.CHAIN}",
    "functions.members.api": f"/v1/tags?chain={pizzaplace.CHAIN}",
    "functions.printing.api": f"/v1/printing/fleet?chain={pizzaplace.CHAIN}",
    "functions.stores.api": f"/v1/stores/{next(iter(pizzaplace.STORES))}",
}


def bench(rig_of: Callable[[], Rig], topic: str) -> Iterator[Figure]:
    """Every function with its sample event; then what is deployed, by size."""
    rig = rig_of()
    rig.open_stores()
    for name, entry in read_functions(CHECKOUT).items():
        module = entry["handler"].removesuffix(".handler").replace("/", ".")
        yield _cold(rig, topic, name, module, entry)
    yield from sizes()


def _cold(rig: Rig, topic: str, name: str, module: str, entry: dict[str, Any]) -> Figure:
    function_seconds, floors = [], []
    # A frame of an agent that nobody knows is refused, which is a reply as well.
    highest = 499 if any("websocket" in event for event in entry["events"]) else 299
    variables = {"DATABASE_SECRET": rig.settings.database_secret, "EVENTS_TOPIC_ARN": topic}
    for number in range(PAIRS + 1):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(_event(rig, module, number), file)
            file.flush()
            floors.append(seconds(_python, FLOOR, [], {}) * 1000)
            function_seconds.append(seconds(_python, CALL, [module, file.name, str(highest)], variables) * 1000)
    # The first pair compiles what is not yet compiled.
    if "packages" in entry:
        return compared(
            f"cold.{name}", "ms", function_seconds[1:], floors[1:]
        )  # heavier packages are what it is there for
    bar = 2 if any("httpApi" in event for event in entry["events"]) else 1.5
    return at_most(f"cold.{name}", "ms", function_seconds[1:], floors[1:], bar)


def _event(rig: Rig, module: str, number: int) -> Any:
    """The function's sample; a request is signed for this database, and posts an order of its own."""
    sample = json.loads((CHECKOUT / "events" / Path(*module.split(".")[1:])).with_suffix(".json").read_text())
    if module == "functions.orders.api":
        return rig.posts([pizzaplace.sales()[number]])[0]
    if module in ASKED:
        return rig.event("GET", ASKED[module], None)
    return sample


def _python(code: str, arguments: list[str], variables: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **variables},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def sizes() -> Iterator[Figure]:
    """Of functions as they were last packed, and of layers, which are built where they are missing."""
    for archive in sorted((CHECKOUT / ".local/compiled/local/zips").glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            size = sum(entry.file_size for entry in opened.infolist())
        name = archive.stem.rpartition("-")[0]  # the sum of the content is behind it
        yield told(f"size.{name}", size / 1024, "KiB unzipped")
    layers = CHECKOUT / "build/layers"
    if not layers.exists():
        subprocess.run([sys.executable, "layers/build.py"], cwd=CHECKOUT, check=True)
    for layer in sorted(layers.glob("*/")):
        size = sum(file.stat().st_size for file in layer.rglob("*") if file.is_file())
        yield told(f"size.layer_{layer.name}", size / 1024 / 1024, "MiB unzipped", "limit 250 with the function")
