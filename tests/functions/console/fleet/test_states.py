"""The state of a printer in one word, the colour of a store, and its place among the stores."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.console.fleet.states import (
    REASONS,
    AgentState,
    Colour,
    PrinterState,
    agent_state,
    colour_of,
    printer_state,
    reason_of_agent,
    reason_of_printer,
    sorted_reasons,
    weight_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("report", "online", "expected"),
    [
        ((None, None, None, None), True, "unknown"),
        (("ready", "ok", "closed", "none"), True, "ready"),
        (("ready", "low", "closed", "none"), True, "near_end"),
        (("stopped", "out", "closed", "none"), True, "out_of_paper"),
        (("stopped", "out", "open", "cutter"), True, "out_of_paper"),
        (("stopped", "ok", "open", "none"), True, "cover"),
        (("stopped", "ok", "closed", "cutter"), True, "jam"),
        (("stopped", "ok", "closed", "none"), True, "stopped"),
        (("mute", None, None, None), True, "mute"),
        (("unchecked", None, None, None), True, "ready"),
        (("unreachable", "out", "closed", "none"), True, "offline"),
        (("stopped", "out", "closed", "none"), False, "offline"),
    ],
)
def test_a_printer_has_one_word(report: tuple[str | None, ...], online: object, expected: str) -> None:
    assert printer_state(*report, agent_online=bool(online)) == expected


@pytest.mark.parametrize(
    ("copied", "silent_in", "expected"),
    [(None, 1, "online"), (None, 0, "offline"), (None, None, "offline"),
     ("two_connections", 1, "copied"), ("other_machine", 1, "copied")],
)  # fmt: skip
def test_an_agent_is_on_line_until_it_is_silent(copied: str | None, silent_in: int | None, expected: str) -> None:
    silent_at = None if silent_in is None else NOW + timedelta(seconds=silent_in)
    assert agent_state(copied, silent_at, NOW) == expected


def test_every_trouble_of_a_printer_has_a_reason() -> None:
    fine = {PrinterState.READY, PrinterState.UNKNOWN}
    for state in PrinterState:
        assert (reason_of_printer(state) in REASONS) == (state not in fine)
    assert reason_of_agent(AgentState.OFFLINE, prints=True) == "agent_offline"
    assert reason_of_agent(AgentState.OFFLINE, prints=False) == "spare_offline"
    assert reason_of_agent(AgentState.COPIED, prints=False) == "agent_copied"
    assert reason_of_agent(AgentState.ONLINE, prints=True) is None


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [([], "green"), (["near_end"], "yellow"), (["mute", "spare_offline"], "yellow"), (["near_end", "cover"], "red")],
)
def test_the_worst_reason_is_the_colour(reasons: list[str], expected: str) -> None:
    assert colour_of(reasons) == Colour(expected)


def test_the_worst_store_comes_first() -> None:
    assert sorted_reasons(["near_end", "jam", "near_end", "agent_offline"]) == ["agent_offline", "jam", "near_end"]
    weights = [weight_of(names) for names in (["agent_offline"], ["jam", "cover"], ["cover"], ["near_end"] * 20, [])]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0
