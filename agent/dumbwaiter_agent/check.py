"""A test page on one printer, and what the printer proved by it."""

import asyncio
import time

from dumbwaiter_agent.jobs import Evidence, Job, State
from dumbwaiter_agent.places import Places
from dumbwaiter_agent.printer_connection import HOLD_SECONDS, OTHER_PRINTER, Device, Printer

_ADVICE = {
    Evidence.ECHO: "proof by echo (GS ( H): the best there is",
    Evidence.FENCE: "proof by fence (GS r): good",
    Evidence.STATUS: 'it answers about its state, not about jobs: set proof = "status" if you accept that',
    Evidence.SPOOLER: "the spooler took it: no better proof that way",
    Evidence.WRITTEN: 'it took the bytes and says nothing: set proof = "none" if you accept that',
}
# The agent of another machine closes its connection for a moment every HOLD_SECONDS, or when its ticket is printed.
BUSY_SECONDS = 2.5 * HOLD_SECONDS
TRY_SECONDS = 0.3
_FEED_AND_CUT = b"\n\n\n\n\x1dVB\x00"


def test_page(printer: str, word: str) -> bytes:
    """A few lines of ASCII; `word` tells this page from any other."""
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    return f"\x1b@\x1d!\x11TEST {word}\x1d!\x00\n{printer}\n{when}\n".encode() + _FEED_AND_CUT


async def _reach(device: Device, seconds: float) -> bool:
    """Whether it takes a connection and answers. Where another agent has the only one, that takes a while."""
    tries_end = asyncio.get_running_loop().time() + seconds
    while device.health.state in {"unreachable", "mute"} and device.printer.proof != "none":
        await device.look()
        if device.health.trouble == OTHER_PRINTER:
            return True
        if asyncio.get_running_loop().time() >= tries_end:
            return device.health.state not in {"unreachable", "mute"}
        await asyncio.sleep(TRY_SECONDS)
    return True


async def check(
    printer: Printer, word: str, busy: float = BUSY_SECONDS, places: Places | None = None
) -> tuple[list[str], bool]:
    """(lines for a person, whether it can print). `busy`: seconds for which it may be in use by another machine."""
    device = Device(printer, lambda: None, places=places)
    lines: list[str] = []
    if not await _reach(device, busy):
        lines.append(f"no answer for {busy:.0f} s: it is off, mute, or another program has its only connection")

    async def begin() -> None:
        lines.append(f"printing a test page with the word {word} ...")

    def held(trouble: str | None) -> None:
        lines.append(trouble or "goes on")

    try:
        job = Job("check", printer.id, 1, None, 0, "test")
        outcome = await device.print(job, test_page(printer.id, word), begin, held)
    finally:
        await device.close()
    if outcome is None and device.health.trouble == OTHER_PRINTER:
        return [*lines, f"another printer than before answers here; if it is right: check {printer.id} --accept"], False
    if outcome is None:
        return [*lines, f"cannot print: {device.health.state}, {device.health.trouble or ''}"], False
    if places and (identity := places.expected(printer.id, printer.address)):
        lines.append(f"it is known again by {identity}")
    proven = _ADVICE[outcome.evidence] if outcome.evidence else "nothing is proven"
    code = f" ({outcome.code})" if outcome.code else ""
    return [*lines, f"{outcome.state}{code}: {proven}"], outcome.state is State.PRINTED
