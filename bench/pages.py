"""The console's pages in a real Chromium, on a chain with a year of sales: how long until a page is of use.

A person who is signed in opens a view by its address, with nothing in the browser's cache. The time ends when the view
shows its data. One process serves the pages and the API, a request at a time, as the smallest stack would. So a busy
function, not the page, is the slowest part.
"""

import json
import os
import shutil
import statistics
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from bench import chain_members, chain_year, stage_timers
from bench.figures import Figure, limited, seconds
from bench.rig import Rig
from functions.console import api as console
from functions.forecast import api as forecast
from functions.members import api as members
from functions.people import api as people
from functions.portal import api as portal
from functions.stores import api as stores
from functions.timers import api as timers
from ops.people import People
from shared.spine.env import Environment
from shared.spine.http import Api

SCRIPT = Path(__file__).with_name("pages.mjs")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CONCERNS = (console, forecast, members, people, portal, stores, timers)
STORES, TIMES = 140, 10
ORDER_DAYS = 3
ROUNDS = 5
MOST_MS = 1_500
AFTERNOON = datetime.combine(chain_year.TODAY, datetime.min.time(), UTC) + timedelta(hours=16)
PASSWORD = "correct horse battery"  # noqa: S105 - of a person in a database that is deleted
VIEWS = ("today", "fleet", "orders", "forecast", "members", "timers", "stores", "people")


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Each view at both sizes, with the ratio."""
    small, large = (_measured(rig_of(), count) for count in (STORES, STORES * TIMES))
    for view in VIEWS:
        yield limited(f"pages.{view}", small[view], f"ms, {STORES} stores", MOST_MS)
    for view in VIEWS:
        figure = limited(f"pages.{view}_x{TIMES}", large[view], f"ms, {STORES * TIMES} stores", MOST_MS)
        yield replace(figure, note=f"{large[view] / small[view]:.1f} times as long as with {STORES} stores")


def _measured(rig: Rig, count: int) -> dict[str, float]:
    """The median of each view in milliseconds."""
    took = seconds(_fill, rig, count)
    print(f"    {count} stores filled in {took:.0f} s", flush=True)
    accounts = People(rig.url)
    person = accounts.add(chain_year.CHAIN, "head@example.com", "Hedy Office", ["head_office"], PASSWORD)
    accounts.close()
    with _served(rig) as address:
        work = {
            "base": address,
            "browser": next(path for name in BROWSERS if (path := shutil.which(name))),
            "person": {"email": person["email"], "password": PASSWORD},
            "views": VIEWS,
            "rounds": ROUNDS,
        }
        done = subprocess.run(
            ["node", SCRIPT], env={**os.environ, "PAGES": json.dumps(work)}, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise AssertionError(done.stderr[-2_000:])
    times: dict[str, list[float]] = json.loads(done.stdout)
    return {view: statistics.median(times[view]) for view in VIEWS}


def _fill(rig: Rig, count: int) -> None:
    """A chain of so many stores with its members, and the timers of the stage."""
    chain_year.fill(rig.url, count, ORDER_DAYS)
    chain_members.fill(rig.url, count)
    stage_timers.fill(rig.url, rig.emulator, AFTERNOON)


@contextmanager
def _served(rig: Rig) -> Iterator[str]:
    """The address of the pages and the API over the database of the rig, on the last day of the chain's year."""
    moved = AFTERNOON - datetime.now(UTC)
    settings = replace(rig.settings, stage="local", watched_prefix=stage_timers.PREFIX)
    env = Environment(settings, clock=lambda: datetime.now(UTC) + moved)
    operations = [operation for concern in CONCERNS for operation in concern.OPERATIONS]
    application = _one_at_a_time(Api(env, "pages", operations).app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        env.close()


def _one_at_a_time(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    # An environment has one connection to the database.
    turn = threading.Lock()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with turn:
            return list(application(environ, start_response))

    return answer


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - a name of werkzeug
        """Nothing."""
