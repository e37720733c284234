"""A printer's one connection and what is proven on it, against a scripted printer on a real socket."""

import asyncio
from collections.abc import Callable

import pytest

from dumbwaiter_agent.jobs import Evidence, Outcome, State
from tests.simulators.printer import Printer
from tests.simulators.tickets import ticket
from tests.support.device_bench import bench, run
from tests.support.waiting import until

# Proof


def test_an_echo_proves_that_it_is_printed() -> None:
    async def test() -> None:
        async with bench() as on:
            assert await on.print() == Outcome(State.PRINTED, Evidence.ECHO, written=76, copies=1)
            assert on.printer.paper[0].data == ticket("j1").removeprefix(b"\x1b@")
            assert on.device.proof == "echo"

    run(test)


@pytest.mark.parametrize("echo", ["none", "lost", "wrong", "other socket"])
def test_without_its_own_echo_the_fence_is_the_proof(echo: str) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo = echo
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, Evidence.FENCE)

    run(test)


@pytest.mark.parametrize("echo", ["none", "lost", "wrong", "other socket", "late"])
def test_without_any_proof_it_is_unknown_and_says_what_is_known(echo: str) -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo, on.printer.answers_fence = echo, False
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence, outcome.code) == (State.UNKNOWN, Evidence.STATUS, "no_proof")
            assert on.on_paper == 1

    run(test)


def test_a_late_echo_of_one_job_is_no_proof_of_the_next() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.answers_fence = False
            on.printer.echo, on.printer.late_seconds = "late", 0.8
            first = await on.print()
            on.printer.echo = "lost"
            second = await on.print(ticket("j2"))
            assert first
            assert second
            assert (first.state, second.state) == (State.UNKNOWN, State.UNKNOWN)

    run(test)


def test_a_fence_of_one_job_is_no_proof_of_the_next() -> None:
    """The echo ends the first job; its fence is answered while the second waits for proof."""

    async def test() -> None:
        async with bench() as on:
            on.printer.answers_fence = False
            await on.print()
            on.printer.echo = "lost"
            asyncio.get_running_loop().call_later(0.2, on.printer.say, b"\x00")
            outcome = await on.print(ticket("j2"))
            assert outcome
            assert outcome.state is State.UNKNOWN

    run(test)


def test_a_byte_that_nobody_asked_for_is_no_proof_of_the_next() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo = "none"
            await on.print()
            on.printer.say(b"\x00")
            await asyncio.sleep(0.1)
            on.printer.answers_fence = False
            outcome = await on.print(ticket("j2"))
            assert outcome
            assert outcome.state is State.UNKNOWN

    run(test)


def test_an_answer_that_got_lost_does_not_cost_the_next_job_its_proof() -> None:
    """An unknown job leaves its connection behind, and with it the answer that may still come."""

    async def test() -> None:
        async with bench() as on:
            on.printer.echo, on.printer.answers_fence = "none", False
            first = await on.print()
            on.printer.answers_fence = True
            second = await on.print(ticket("j2"))
            assert first
            assert second
            assert (first.state, second.state, second.evidence) == (State.UNKNOWN, State.PRINTED, Evidence.FENCE)

    run(test)


def test_a_foreign_echo_is_no_proof() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.echo, on.printer.answers_fence = "lost", False
            asyncio.get_running_loop().call_later(0.2, on.printer.say, b"\x37\x221234\x00")
            outcome = await on.print()
            assert outcome
            assert outcome.state is State.UNKNOWN

    run(test)


@pytest.mark.parametrize(
    ("proof", "evidence"),
    [
        ("echo", Evidence.ECHO),
        ("fence", Evidence.FENCE),
        ("status", Evidence.STATUS),
        ("none", Evidence.WRITTEN),
    ],
)
def test_a_technician_may_say_what_is_proof_enough(proof: str, evidence: Evidence) -> None:
    async def test() -> None:
        async with bench(proof=proof) as on:
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, evidence)
            assert (b"\x1d(H" in on.printer.received) == (proof == "echo")

    run(test)


# Silence


def test_a_printer_that_never_answers_is_mute_and_its_jobs_are_unknown() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.go_mute()
            outcome = await on.print()
            assert outcome
            assert on.device.health.state == "mute"
            assert (outcome.state, outcome.evidence, outcome.code) == (State.UNKNOWN, Evidence.WRITTEN, "no_proof")
            assert on.on_paper == 1

    run(test)


def test_a_mute_printer_that_is_accepted_as_such_prints_with_the_weakest_evidence() -> None:
    async def test() -> None:
        async with bench(proof="none") as on:
            on.printer.go_mute()
            outcome = await on.print()
            assert outcome
            assert (outcome.state, outcome.evidence) == (State.PRINTED, Evidence.WRITTEN)
            await until(lambda: on.on_paper == 1)

    run(test)


def test_a_printer_that_has_stopped_to_answer_gets_no_job() -> None:
    async def test() -> None:
        async with bench() as on:
            await until(lambda: on.device.health.state == "ready")
            on.printer.go_mute()
            assert await on.print() is None
            assert (on.begun, on.on_paper) == (0, 0)
            assert (on.device.health.state, on.device.health.trouble) == ("stopped", "silent")

    run(test)


def test_a_mute_printer_that_learns_to_speak_is_believed() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.answers_status = on.printer.reports_changes = False
            await until(lambda: on.device.health.state == "mute")
            on.printer.answers_status = True
            await until(lambda: on.device.health.state == "ready")

    run(test)


# Not ready


@pytest.mark.parametrize(
    ("trouble", "named"),
    [(Printer.run_out, "paper_out"), (Printer.open_cover, "cover_open"), (Printer.jam, "error_cutter")],
)
def test_a_printer_in_trouble_gets_no_byte_of_a_job(trouble: Callable[[Printer], None], named: str) -> None:
    async def test() -> None:
        async with bench(watched=False) as on:
            trouble(on.printer)
            assert await on.print() is None
            assert on.begun == 0
            assert (on.device.health.state, on.device.health.trouble) == ("stopped", named)
            assert set(on.printer.received.hex(" ", 3).split()) == {"100401", "100402", "100403", "100404", "1d610e"}

    run(test)


def test_a_printer_that_is_off_gets_its_job_when_it_is_back() -> None:
    async def test() -> None:
        async with bench() as on:
            on.printer.cut_power()
            assert await on.print() is None
            assert on.device.health.state == "unreachable"
            on.printer.restore_power()
            await until(lambda: on.device.health.state == "ready")
            outcome = await on.print()
            assert outcome
            assert outcome.state is State.PRINTED

    run(test)


@pytest.mark.parametrize("reports", [True, False])
def test_trouble_is_known_within_two_seconds(reports: bool) -> None:  # noqa: FBT001
    async def test() -> None:
        async with bench(poll=1.5) as on:
            on.printer.reports_changes = reports
            await until(lambda: on.device.health.state == "ready")
            started = asyncio.get_running_loop().time()
            on.printer.run_out()
            await until(lambda: on.device.health.paper == "out")
            assert asyncio.get_running_loop().time() - started < (0.1 if reports else 2.0)
            on.printer.new_paper()
            await until(lambda: on.device.health.state == "ready")

    run(test)
