"""`python -m bench` (`make bench`, ONLY=orders for one concern): a table, .local/bench.json, and a file a subject."""

import contextlib
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import (
    accuracy,
    cold,
    console,
    console_ten,
    delivery,
    durations,
    forecast,
    gateway,
    members,
    menus,
    orders,
    outbox,
    outlets,
    pages,
    people,
    pricing,
    sync,
    ticket,
    totals,
    visible,
    webhooks,
)
from bench.figures import Figure, table
from bench.results import Conditions, current_commit, write_list, write_results
from bench.rig import KEYRING, Rig, a_topic, environment_variables
from shared.spine import log
from stack import children
from stack.addresses import CHECKOUT, ROOT
from stack.keys import keys
from stack.mariadb import MariaDB
from stack.stack import Stack

# A production database keeps tags and forecasts in memory; with the default of 128 MB it is the disk that is measured.
POOL_MB = int(os.environ.get("POOL_MB", "1024"))
CONCERNS = (
    "orders",
    "pricing",
    "menus",
    "outbox",
    "cold",
    "gateway",
    "durations",
    "printing",
    "members",
    "forecast",
    "webhooks",
    "people",
    "console",
    "pages",
    "sync",
    "outlets",
    "delivery",
)


# They need no stack, and are measured only if they are named: `accuracy` needs histories, `totals` takes long.
ALONE = {"accuracy": accuracy.bench, "totals": totals.bench}
CONSOLE_TEN = "console_ten"  # only if it is named: it fills a database for minutes


def main() -> int:
    """1 where a bar is missed."""
    try:
        return _bench()
    except BaseException as failure:  # noqa: BLE001 - it raises what no signal is behind
        return children.ending_behind(failure)


def _bench() -> int:
    only = os.environ.get("ONLY") or ""
    if only not in ("", *CONCERNS, *ALONE, CONSOLE_TEN):
        print(f"ONLY is one of {', '.join((*CONCERNS, *ALONE, CONSOLE_TEN))}", file=sys.stderr)
        return 2
    leave_given_database()
    chosen = [only] if only else list(CONCERNS)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # and so the stack is stopped
    figures: list[Figure] = []
    for figure in _all_measured(chosen):
        beside = f", {figure.ratio} × floor" if figure.ratio else ""
        print(f"  {figure.name}: {figure.value:,} {figure.unit}{beside}", flush=True)
        figures.append(figure)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    conditions = Conditions(f"{datetime.now(UTC):%Y-%m-%d}", machine, _command(), current_commit())
    print(f"\n{conditions.date}, {machine}\n")
    print(table(figures))
    write_list(figures, ROOT / "bench.json")
    write_results(figures, conditions, ROOT / "bench")
    missed = [figure.name for figure in figures if figure.ok is False]
    if missed:
        print(f"\nMissed: {', '.join(missed)}")
    return 1 if missed else 0


def _all_measured(concerns: Sequence[str]) -> Iterator[Figure]:
    if concerns[0] in ALONE:
        yield from ALONE[concerns[0]]()
        return
    with tempfile.TemporaryDirectory(prefix="dumbwaiter-bench-") as folder, Stack(Path(folder)) as stack:
        for concern in concerns:
            yield from _measured(concern, stack)


def _command() -> str:
    """The command line with the settings that change the figures."""
    names = ("MEMBERS", "ORDERS", "POOL_MB", "BACKTESTS", "CHAINS", "ONLY")
    settings = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    return " ".join([*settings, "make bench"])


def leave_given_database() -> None:
    """Measure a private server only: the load and settings of another server would change the figures."""
    if os.environ.pop("DATABASE_URL", None):
        print("DATABASE_URL is left alone: what is measured is a private MariaDB that this starts.")


def _measured(concern: str, stack: Stack) -> Iterator[Figure]:
    if concern in ("gateway", "durations"):
        yield from {"gateway": gateway, "durations": durations}[concern].bench(stack)
        return
    if concern == "pricing":
        yield from pricing.bench()
        return
    if concern == "printing":
        yield from ticket.bench()
        sys.path.append(str(CHECKOUT / "agent"))  # a package of its own, not installed here
        from bench import printing  # noqa: PLC0415

        yield from printing.bench(stack)
        return
    emulator, keyring = stack.emulator, keys(stack.root).keyring
    manager = emulator.client("secretsmanager")
    with contextlib.suppress(manager.exceptions.ResourceExistsException):
        manager.create_secret(Name=KEYRING, SecretString=f'{{"keys": ["{keyring[0]}"]}}')
    with environment_variables(emulator), _logs_away():
        rig_of = partial(Rig, MariaDB(stack.root), emulator, keyring)
        if concern in ("orders", "menus", "people", "sync"):
            yield from {"orders": orders, "menus": menus, "people": people, "sync": sync}[concern].bench(rig_of)
        elif concern in ("webhooks", "outlets"):
            yield from {"webhooks": webhooks, "outlets": outlets}[concern].bench(stack, rig_of)
        elif concern == "delivery":
            yield from delivery.bench(stack)
        elif concern == "members":
            with MariaDB(stack.root / "large", pool_mb=POOL_MB) as server:
                yield from members.bench(partial(Rig, server, emulator, keyring))
            yield from visible.bench(stack)
        elif concern in ("console", "pages", CONSOLE_TEN):
            with MariaDB(stack.root / "large", pool_mb=POOL_MB) as server:
                yield from {"console": console, "pages": pages, CONSOLE_TEN: console_ten}[concern].bench(
                    partial(Rig, server, emulator, keyring)
                )
        elif concern == "forecast":
            with MariaDB(stack.root / "large", pool_mb=POOL_MB) as server:
                yield from forecast.bench(partial(Rig, server, emulator, keyring), emulator)
        else:
            yield from {"outbox": outbox, "cold": cold}[concern].bench(rig_of, a_topic(emulator))


@contextlib.contextmanager
def _logs_away() -> Iterator[None]:
    """Functions log to standard output as it is when their logger is made; here that is nowhere."""
    with Path(os.devnull).open("w") as away:
        with contextlib.redirect_stdout(away):
            log.logger()
        yield


if __name__ == "__main__":
    sys.exit(main())
