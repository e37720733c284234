"""The state of an agent and of a printer in one word, and the reasons why a store needs a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class PrinterState(StrEnum):
    """One word for the report of a printer. `mute`: it prints, and never answers. `unknown`: no report has come yet."""

    READY = "ready"
    NEAR_END = "near_end"
    OUT_OF_PAPER = "out_of_paper"
    COVER = "cover"
    JAM = "jam"
    STOPPED = "stopped"
    MUTE = "mute"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class AgentState(StrEnum):
    """Whether an agent is on line. `copied`: two machines use its identity."""

    ONLINE = "online"
    OFFLINE = "offline"
    COPIED = "copied"


class Colour(StrEnum):
    """Red: something does not print, or waits for a person. Yellow: it soon may."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"


class Reason(NamedTuple):
    """Why a store needs a person. A higher weight comes first."""

    name: str
    weight: int
    colour: Colour


REASONS = {
    reason.name: reason
    for reason in (
        Reason("agent_offline", 90, Colour.RED),
        Reason("out_of_paper", 80, Colour.RED),
        Reason("cover", 75, Colour.RED),
        Reason("jam", 70, Colour.RED),
        Reason("stopped", 65, Colour.RED),
        Reason("printer_offline", 60, Colour.RED),
        Reason("agent_copied", 50, Colour.RED),
        Reason("needs_person", 40, Colour.RED),
        Reason("near_end", 20, Colour.YELLOW),
        Reason("mute", 10, Colour.YELLOW),
        Reason("spare_offline", 5, Colour.YELLOW),
    )
}
_OF_PRINTER = {
    PrinterState.NEAR_END: "near_end",
    PrinterState.OUT_OF_PAPER: "out_of_paper",
    PrinterState.COVER: "cover",
    PrinterState.JAM: "jam",
    PrinterState.STOPPED: "stopped",
    PrinterState.MUTE: "mute",
    PrinterState.OFFLINE: "printer_offline",
}


def printer_state(
    state: str | None, paper: str | None, cover: str | None, error: str | None, *, agent_online: bool = True
) -> PrinterState:
    """From the last report of a printer: see docs/develop/print-link.md. Without an agent the report is old."""
    if state is None:
        return PrinterState.UNKNOWN
    findings = (
        (not agent_online or state == "unreachable", PrinterState.OFFLINE),
        (paper == "out", PrinterState.OUT_OF_PAPER),
        (cover == "open", PrinterState.COVER),
        (error not in (None, "none"), PrinterState.JAM),
        (state == "stopped", PrinterState.STOPPED),
        (state == "mute", PrinterState.MUTE),
        (paper == "low", PrinterState.NEAR_END),
    )
    return next((word for holds, word in findings if holds), PrinterState.READY)


def agent_state(copied: str | None, silent_at: datetime | None, now: datetime) -> AgentState:
    """From the last frame of an agent. It is on line until its time to be heard has passed. Times are aware.

    A connection that broke is no reason: most are made again within seconds.
    """
    if copied is not None:
        return AgentState.COPIED
    return AgentState.ONLINE if silent_at is not None and now < silent_at else AgentState.OFFLINE


def reason_of_printer(state: PrinterState) -> str | None:
    """The reason that a printer in this state gives, None for a ready one."""
    return _OF_PRINTER.get(state)


def reason_of_agent(state: AgentState, *, prints: bool) -> str | None:
    """The reason that an agent gives. `prints`: it is the one of the store that prints."""
    if state == AgentState.COPIED:
        return "agent_copied"
    if state == AgentState.OFFLINE:
        return "agent_offline" if prints else "spare_offline"
    return None


def sorted_reasons(names: Iterable[str]) -> list[str]:
    """Each reason once, the worst first."""
    return sorted(set(names), key=lambda name: -REASONS[name].weight)


def colour_of(names: Sequence[str]) -> Colour:
    """The colour of a store with these reasons."""
    colours = {REASONS[name].colour for name in names}
    return Colour.RED if Colour.RED in colours else Colour.YELLOW if colours else Colour.GREEN


def weight_of(names: Sequence[str]) -> int:
    """How early the store comes: by its worst reason, then by the number of its reasons. 0 without a reason."""
    return max((REASONS[name].weight for name in names), default=0) * 10 + min(len(names), 9)
