"""A run of the bench is written in the form that the benchmarks page reads."""

from pathlib import Path

from bench.figures import Figure, at_least, limited, table
from bench.results import Conditions, write_results
from generate.benchmarks_page import Figure as Published
from generate.benchmarks_page import read_runs

CONDITIONS = Conditions("2026-12-01", "2 cores", "ONLY=orders make bench", "abc1234")


def test_each_subject_has_a_file_that_the_page_can_read(tmp_path: Path) -> None:
    figures = [
        at_least("orders.intake", "orders/s", [60, 70], [100, 100], 0.6),
        limited("printing.storm_backlog", 21.5, "s", 60),
        Figure("ticket.raster_bytes", 16, "KiB a ticket"),
        Figure("members.members", 30000, "members"),
        Figure("members.visible_p50", 100, "ms", note="local stack"),
    ]
    files = write_results(figures, CONDITIONS, tmp_path)
    assert sorted(file.name for file in files) == [
        "2026-12-01-members-30000.json",
        "2026-12-01-orders.json",
        "2026-12-01-printing.json",
        "2026-12-01-storm.json",
    ]
    members, orders, printing, storm = read_runs(tmp_path)
    assert (members.subject, len(members.figures)) == ("members-30000", 2)
    assert (orders.date, orders.commit, orders.command) == ("2026-12-01", "abc1234", "ONLY=orders make bench")
    assert orders.figures == (
        Published(
            "orders.intake", 65, "orders/s", 100, 0.65, "≥ 0.6 × floor", ok=True, spread="0.60 to 0.70 in 2 pairs"
        ),
    )
    assert printing.figures == (Published("ticket.raster_bytes", 16, "KiB a ticket"),)
    assert storm.figures == (Published("printing.storm_backlog", 21.5, "s", bar="≤ 60", ok=True),)


def test_the_printed_table_shows_spread_and_bar() -> None:
    [head, _, row] = table([at_least("orders.intake", "orders/s", [60, 70], [100, 100], 0.6)]).splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")][4:8] == ["ratio", "spread", "bar", ""]
    assert [cell.strip() for cell in row.strip("|").split("|")][4:8] == [
        "0.65",
        "0.60 to 0.70 in 2 pairs",
        "≥ 0.6 × floor",
        "met",
    ]
