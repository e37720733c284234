"""A printer that stops in the middle of a ticket."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dumbwaiter_agent.jobs import Evidence, State
from tests.simulators.printer import Printer
from tests.simulators.tickets import begun, paper_of, ticket
from tests.support.device_bench import PATIENCE, bench, run
from tests.support.waiting import until


@pytest.mark.parametrize("lines", [20, 3000])
def test_paper_out_in_mid_ticket_is_held_reported_and_continued(lines: int) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(100, on.printer.run_out)
            asyncio.get_running_loop().call_later(1.0, on.printer.new_paper)
            outcome = await on.print(ticket("j1", lines))
            assert outcome
            assert (outcome.state, outcome.evidence, outcome.code) == (State.PRINTED, Evidence.ECHO, "paper_out")
            assert on.held == ["paper_out", None]
            assert (on.on_paper, on.printer.paper[0].pieces) == (1, 2)

    run(test)


def test_a_ticket_in_two_pieces_is_printed_again_behind_its_mark_where_the_job_says_so() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, on.printer.run_out)
            asyncio.get_running_loop().call_later(0.4, on.printer.new_paper)
            outcome = await on.print(interrupted="reprint", mark=b"\x1b@REPRINT 1\n")
            assert outcome
            assert (outcome.state, outcome.copies) == (State.PRINTED, 2)
            first, second = on.printer.paper
            assert (first.pieces, "REPRINT" in first.text) == (2, False)
            assert second.text.startswith("REPRINT 1\nJOB j1\n")

    run(test)


@pytest.mark.parametrize("members", [{"interrupted": "reprint"}, {"mark": b"REPRINT"}])
def test_nothing_is_printed_twice_without_rule_and_mark(members: dict[str, Any]) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, on.printer.run_out)
            asyncio.get_running_loop().call_later(0.4, on.printer.new_paper)
            outcome = await on.print(**members)
            assert outcome
            assert (outcome.copies, on.on_paper) == (1, 1)

    run(test)


def test_paper_that_does_not_come_back_makes_it_unknown() -> None:
    async def test() -> None:
        async with bench(patience=replace(PATIENCE, hold=0.4)) as on:
            on.printer.after(50, on.printer.run_out)
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.code) == (State.UNKNOWN, "paper_out")

    run(test)


@pytest.mark.parametrize("cut", [Printer.cut_power, Printer.cut_connections])
def test_a_connection_that_breaks_in_mid_ticket_makes_it_unknown(cut: Callable[[Printer], None]) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, lambda: cut(on.printer))
            outcome = await on.print(ticket("j1", 3000))
            assert outcome
            assert (outcome.state, outcome.code) == (State.UNKNOWN, "connection_lost")
            assert begun(paper_of(on.printer))["j1"] == 1

    run(test)


def test_after_an_unknown_the_next_job_has_a_connection_of_its_own() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.after(50, on.printer.cut_power)
            await on.print()
            on.printer.restore_power()
            await until(lambda: on.device.health.state == "ready")
            outcome = await on.print(ticket("j2"))
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, Evidence.ECHO)

    run(test)


def test_a_printer_that_takes_no_more_bytes_and_says_nothing_is_stuck() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.reports_changes = False
            on.printer.after(50, on.printer.jam)
            outcome = await on.print(ticket("j1", 300_000))
            assert outcome
            assert (outcome.state, outcome.evidence, outcome.code) == (State.UNKNOWN, None, "stuck")

    run(test)
