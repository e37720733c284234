"""A test page on one printer, and what the printer proved by it."""

import time

from dumbwaiter_agent.device import Device, Printer
from dumbwaiter_agent.jobs import Evidence, Job, State

_ADVICE = {
    Evidence.ECHO: "proof by echo (GS ( H): the best there is",
    Evidence.FENCE: "proof by fence (GS r): good",
    Evidence.STATUS: 'it answers about its state, not about jobs: set proof = "status" if you accept that',
    Evidence.SPOOLER: "the spooler took it: no better proof that way",
    Evidence.WRITTEN: 'it took the bytes and says nothing: set proof = "none" if you accept that',
}
_FEED_AND_CUT = b"\n\n\n\n\x1dVB\x00"


def test_page(printer: str, word: str) -> bytes:
    """A few lines of ASCII; `word` tells this page from any other."""
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    return f"\x1b@\x1d!\x11TEST {word}\x1d!\x00\n{printer}\n{when}\n".encode() + _FEED_AND_CUT


async def check(printer: Printer, word: str) -> tuple[list[str], bool]:
    """(lines for a person, whether it can print)."""
    device = Device(printer, lambda: None)
    lines: list[str] = []

    async def begin() -> None:
        lines.append(f"printing a test page with the word {word} ...")

    def held(trouble: str | None) -> None:
        lines.append(trouble or "goes on")

    try:
        job = Job("check", printer.id, 1, None, 0, "test")
        outcome = await device.print(job, test_page(printer.id, word), begin, held)
    finally:
        await device.close()
    if outcome is None:
        return [f"cannot print: {device.health.state}, {device.health.trouble or ''}"], False
    proven = _ADVICE[outcome.evidence] if outcome.evidence else "nothing is proven"
    code = f" ({outcome.code})" if outcome.code else ""
    return [*lines, f"{outcome.state}{code}: {proven}"], outcome.state is State.PRINTED
