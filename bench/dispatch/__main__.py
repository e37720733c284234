"""`python -m bench.dispatch` (`make dispatch-bench`): the product dispatches days of orders.

It writes a summary, and a file for each day. Exit status 1: an instance was bad, or a rule was broken. The remaining
instances are still measured. Exit status 2: the arguments are wrong.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.dispatch.day import Day, Doubts, RuleBrokenError
from bench.dispatch.instances import BadInstanceError, folders, read_instance
from bench.dispatch.product import product, settings_of
from bench.dispatch.summary import (
    Summary,
    Totals,
    click_to_door,
    summary_of,
    totals_of,
    write_deliveries,
    write_summary,
)


@dataclass(frozen=True)
class Played:
    """One instance: its summary and its click-to-door minutes, or its fault."""

    name: str
    summary: Summary | None
    click_to_door: tuple[int, ...]
    fault: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    options = _parser().parse_args(arguments)
    doubts = Doubts(options.uncertain, options.decline_share, options.seed)
    try:
        places = folders(options.instances)
        options.out.mkdir(parents=True, exist_ok=True)
    except (BadInstanceError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    largest_first = sorted(places, key=_size, reverse=True)
    with ProcessPoolExecutor(options.processes) as pool:
        played = list(pool.map(partial(play, doubts=doubts, out=options.out), largest_first))
    return _report(sorted(played, key=lambda result: result.name), options.out)


def play(folder: Path, doubts: Doubts, out: Path) -> Played:
    """Play one day, and write its deliveries to OUT/<instance>.csv."""
    try:
        instance = read_instance(folder)
        dispatcher = product(instance.restaurants, settings_of(instance.parameters))
        deliveries = Day(instance, doubts).run(dispatcher)
    except (BadInstanceError, RuleBrokenError) as fault:
        return Played(folder.name, None, (), f"{folder.name}: {fault}")
    write_deliveries(instance, deliveries, out / f"{instance.name}.csv")
    return Played(folder.name, summary_of(instance, deliveries), tuple(click_to_door(instance, deliveries)))


def _report(played: Sequence[Played], out: Path) -> int:
    days = [(result.summary, result.click_to_door) for result in played if result.summary is not None]
    write_summary([line for line, _ in days], out / "summary.csv")
    for line, _ in days:
        _tell(line)
    if days:
        _tell_totals(len(days), totals_of(days))
    faults = [result.fault for result in played if result.fault]
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return 1 if faults else 0


def _tell(line: Summary) -> None:
    print(
        f"{line.instance:24} {line.orders:5} orders  click to door {line.click_to_door_mean:6.2f} min"
        f"  p90 {line.click_to_door_p90:5.1f}  undelivered {line.undelivered}"
    )


def _tell_totals(instances: int, totals: Totals) -> None:
    print(
        f"{instances} instances: score {totals.score:.3f} min, undelivered {totals.undelivered_share:.3%},"
        f" above 90 min {totals.too_late_share:.3%}"
    )


def _size(folder: Path) -> int:
    return (folder / "orders.txt").stat().st_size


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dispatch-bench", description=__doc__)
    parser.add_argument("--instances", type=Path, required=True, help="a folder of instances, or one instance")
    parser.add_argument("--out", type=Path, required=True, help="where summary.csv and a file for each instance go")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--uncertain", action="store_true", help="hide a ready time until the order is ready")
    parser.add_argument("--decline-share", type=float, default=0.0, help="the share of offers that couriers decline")
    parser.add_argument("--seed", type=int, default=0, help="of the declines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
