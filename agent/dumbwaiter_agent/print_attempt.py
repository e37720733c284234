"""One job on one connection: bytes → printer → what is proven about the paper."""

import asyncio
import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass

from dumbwaiter_agent import escpos
from dumbwaiter_agent.jobs import Evidence, Outcome, State
from dumbwaiter_agent.session import Session
from dumbwaiter_agent.wires import WireError

CHUNK_BYTES = 1024
ASK_SECONDS = 1.0
_TOKEN_CHARACTERS = string.ascii_letters + string.digits

# State, evidence, and why, as a code.
Verdict = tuple[State, Evidence | None, str | None]


@dataclass(frozen=True)
class Patience:
    """In seconds. `proof`: after the last byte, or the last sign of life, for a proof that does not come. `grace`: for
    an echo once the fence is answered. `hold`: with paper out or cover open in mid-ticket.
    """

    proof: float = 30.0
    grace: float = 3.0
    hold: float = 900.0
    settle: float = 1.0


@dataclass
class Learned:
    """The abilities that a printer has shown since the agent started. None: not tried."""

    status: bool = False
    echo: bool | None = None
    fence: bool | None = None


class Run:
    """Prints one job. Everything it waits for comes in on the session it was given."""

    def __init__(
        self,
        session: Session,
        proof: str,
        learned: Learned,
        patience: Patience,
        on_hold: Callable[[str | None], None],
    ) -> None:
        """`proof`: auto, echo, fence, status or none. `on_hold` is told why printing stands still, and None after."""
        self._session = session
        self._proof = proof
        self._learned = learned
        self._patience = patience
        self._on_hold = on_hold
        self._now = asyncio.get_running_loop().time
        self._written = 0
        self._moved = self._now()
        self._held: str | None = None
        self._held_since = 0.0
        self._was_held: str | None = None
        self._fenced_at: float | None = None

    async def print(self, payload: bytes, *, interrupted: str, mark: bytes) -> Outcome:
        """The ticket; where it came out in two pieces, and the job says so, once more behind `mark`."""
        payload = payload.removeprefix(escpos.INITIALIZE)
        outcome = await self._copy(payload, copies=1)
        if outcome.state is State.PRINTED and self._was_held and interrupted == "reprint" and mark:
            outcome = await self._copy(mark.removeprefix(escpos.INITIALIZE) + payload, copies=2)
        return outcome

    async def _copy(self, payload: bytes, copies: int) -> Outcome:
        token = "".join(secrets.choice(_TOKEN_CHARACTERS) for _ in range(4)).encode()
        data, trailer = payload, self._trailer(token)
        if self._session.wire.answers:
            # ESC @ switches automatic status off, so it is asked for behind it, and before the ticket.
            data = escpos.INITIALIZE + escpos.REPORT_CHANGES + payload + trailer
        self._written, self._fenced_at = 0, None
        self._moved = self._now()
        writing = asyncio.create_task(self._write(data, len(data) - len(trailer) if trailer else None))
        try:
            state, evidence, code = await self._watch(writing, token)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
        complete = self._written == len(data)
        if evidence is None and complete:
            evidence = Evidence.WRITTEN
        return Outcome(state, evidence, code, written=self._written, copies=copies)

    def _trailer(self, token: bytes) -> bytes:
        echo = escpos.echo_request(token) if self._proof in {"auto", "echo"} else b""
        fence = escpos.FENCE if self._proof in {"auto", "echo", "fence"} else b""
        # The fence first: its answer must not come when the next job waits for its own.
        return fence + echo

    async def _write(self, data: bytes, fence_at: int | None) -> None:
        step = len(data) if self._session.wire.spools else CHUNK_BYTES
        for start in range(0, len(data), step):
            while self._session.trouble:
                await self._session.news()
            chunk = data[start : start + step]
            self._session.fences_asked += fence_at is not None and start <= fence_at < start + step
            await self._session.wire.write(chunk)
            self._written += len(chunk)
            self._moved = self._now()
        await self._session.wire.finish()
        self._session.wake()

    async def _watch(self, writing: "asyncio.Task[None]", token: bytes) -> Verdict:
        while True:
            if token in self._session.echoes:
                self._learned.echo = True
                if self._held:
                    self._on_hold(None)
                return State.PRINTED, Evidence.ECHO, self._was_held
            if self._session.closed or (writing.done() and isinstance(writing.exception(), WireError)):
                return State.UNKNOWN, None, "connection_lost"
            if writing.done():
                writing.result()
            self._hold()
            if verdict := self._judge(written=writing.done()):
                return verdict
            await self._wait(written=writing.done())

    def _hold(self) -> None:
        trouble = self._session.trouble
        if trouble and not self._held:
            self._held_since = self._now()
        if trouble:
            self._moved = self._now()
            if self._session.wire.answers:  # a spooler prints such a ticket whole
                self._was_held = trouble
        if trouble != self._held:
            self._held = trouble
            self._on_hold(trouble)

    def _judge(self, *, written: bool) -> Verdict | None:
        """The verdict without an echo; None: wait on."""
        now = self._now()
        if self._held:
            return (State.UNKNOWN, None, self._held) if now >= self._held_since + self._patience.hold else None
        if not written:
            limit = self._patience.hold if self._session.wire.spools else self._patience.proof
            return (State.UNKNOWN, None, "stuck") if now >= self._moved + limit else None
        if proven := self._proven(now):
            return State.PRINTED, proven, self._was_held
        if now >= self._moved + self._patience.proof:
            return State.UNKNOWN, Evidence.STATUS if self._session.status else None, "no_proof"
        return None

    def _proven(self, now: float) -> Evidence | None:
        if self._session.wire.spools:
            return Evidence.SPOOLER
        if self._proof == "none":
            return Evidence.WRITTEN
        if self._proof == "status" and now >= self._moved + self._patience.settle and self._session.status:
            return Evidence.STATUS
        return Evidence.FENCE if self._fence_is_enough(now) else None

    def _fence_is_enough(self, now: float) -> bool:
        if self._session.fences < self._session.fences_asked:
            return False
        self._learned.fence = True
        if self._fenced_at is None:
            self._fenced_at = now
        if self._proof == "fence" or self._learned.echo is False:
            return True
        if now < self._fenced_at + self._patience.grace:
            return False
        if self._learned.echo is None and self._proof == "auto":
            self._learned.echo = False
        return True

    async def _wait(self, *, written: bool) -> None:
        """For news; with the data out, ask the printer how it is."""
        # Not among the data: a question in the middle of an image would be part of the image.
        asks = written and self._session.wire.answers and (self._learned.status or self._proof == "status")
        if not asks or (self._fenced_at and not self._held):
            await self._session.news(min(0.25, self._patience.grace))
            return
        silent = self._session.heard
        await self._session.news(min(ASK_SECONDS, self._patience.proof / 4))
        if self._session.heard == silent and not self._session.closed:
            await self._ask()

    async def _ask(self) -> None:
        try:
            await self._session.ask(min(ASK_SECONDS, self._patience.proof / 4))
        except WireError:
            self._session.closed = True
