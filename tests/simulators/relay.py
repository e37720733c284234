"""A scripted relay: speaks the print link (docs/develop/print-link.md), keeps its own books, misbehaves on command."""

import asyncio
import hashlib
import hmac
import json
import random
import re
import time
from base64 import b64encode
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Frame = dict[str, Any]
PART_BYTES = 20_000
LEGAL = {
    "queued": {"sent"},
    "sent": {"sent", "received", "printing", "printed", "failed", "unknown", "expired", "cancelled"},
    "received": {"printing", "printed", "failed", "unknown", "expired", "cancelled"},
    "printing": {"printed", "failed", "unknown"},
}
FINAL = {"printed", "failed", "unknown", "expired", "cancelled"}


@dataclass
class Job:
    """One job in the relay's books."""

    frame: Frame
    payload: bytes
    state: str = "queued"
    sent_at: float = 0.0
    acks: int = 0
    results: list[Frame] = field(default_factory=list)
    link: str | None = None

    @property
    def id(self) -> str:
        return str(self.frame["job"])

    @property
    def result(self) -> Frame | None:
        return self.results[0] if self.results else None


@dataclass
class Faults:
    """What goes wrong by itself: chances from 0 to 1 for each job frame."""

    duplicate: float = 0.0
    swap: float = 0.0
    drop_noted: float = 0.0


class Relay:
    """`clock_ahead`: seconds by which its clock is ahead of this machine's."""

    def __init__(self, agent: str = "agent-1", key: bytes = b"k" * 32, *, seed: int = 0) -> None:
        self.agent = agent
        self.key = key
        self.jobs: dict[str, Job] = {}
        self.frames: list[Frame] = []
        self.hellos: list[Frame] = []
        self.printers: dict[str, Frame] = {}
        self.violations: list[str] = []
        self.refusals: list[int] = []
        self.refuse_with: HTTPStatus | None = None
        self.refusal_code = "refused"
        self.clock_ahead = 0.0
        self.heartbeat = 60.0
        self.lifetime = 7000.0
        self.role = "printing"
        self.confirm = False
        self.grants = True
        self.welcomes = True
        self.epoch: int | None = None
        # What a hello is refused with.
        self.error = ""
        self.bundles = False
        self.bundled = 0
        self.answers_beats = True
        self.delivers = True
        self.resend_seconds = 5.0
        self.faults = Faults()
        self.port = 0
        self.sockets: list[ServerConnection] = []
        self.opened = 0
        self._random = random.Random(seed)
        self._nonces: set[str] = set()
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._server: Server | None = None
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._server = await serve(
            self._serve, "127.0.0.1", port, process_request=self._check, ping_interval=None, max_size=128 * 1024
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self._sending = asyncio.create_task(self._resend())

    async def stop(self) -> None:
        if self._sending:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        self.cut()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def now(self) -> float:
        return time.time() + self.clock_ahead

    # What happens to it

    def cut(self) -> None:
        """Every connection breaks, at once."""
        for socket in list(self.sockets):
            socket.transport.abort()

    def half_open(self, *, frozen: bool = True) -> None:
        """Connections stand, nothing is read or sent any more."""
        (self._thawed.clear if frozen else self._thawed.set)()

    def add(
        self,
        job_id: str,
        payload: bytes,
        *,
        printer: str = "kitchen",
        deadline: float = 3600.0,
        link: str | None = None,
        **members: Any,
    ) -> Job:
        """A job; `deadline` in seconds from now."""
        before = [job.frame["seq"] for job in self.jobs.values() if job.frame["printer"] == printer]
        frame = {
            "type": "job",
            "job": job_id,
            "printer": printer,
            "seq": max(before, default=0) + 1,
            "after": max(before, default=0),
            "deadline": self.now() + deadline,
            "kind": "kitchen",
            **members,
        }
        job = self.jobs[job_id] = Job(frame, payload, link=link)
        return job

    async def say(self, frame: Frame | str) -> None:
        """A frame, or any text, to everybody connected."""
        for socket in list(self.sockets):
            await _send(socket, frame if isinstance(frame, str) else json.dumps(frame))

    async def cancel(self, job_id: str, printer: str = "kitchen") -> None:
        await self.say({"type": "cancel", "job": job_id, "printer": printer, "reason": "order_cancelled"})

    def states(self) -> dict[str, str]:
        return {job.id: job.state for job in self.jobs.values()}

    def all_final(self) -> bool:
        return all(job.state in FINAL for job in self.jobs.values())

    def of_type(self, kind: str) -> list[Frame]:
        return [frame for frame in self.frames if frame["type"] == kind]

    # $connect

    async def _check(self, socket: ServerConnection, request: Request) -> Response | None:
        status = self.refuse_with or self._authorize(request.headers.get("Authorization") or "")
        if status is None:
            return None
        self.refusals.append(status)
        response = socket.respond(status, json.dumps({"code": self.refusal_code}))
        del response.headers["Date"]
        response.headers["Date"] = formatdate(self.now(), usegmt=True)
        return response

    def _authorize(self, header: str) -> HTTPStatus | None:
        match = re.fullmatch(
            r"DUMBWAITER-AGENT-HMAC-SHA256 Agent=(\S+), Time=(\d+), Nonce=(\S+), Signature=([0-9a-f]{64})", header
        )
        if not match:
            return HTTPStatus.UNAUTHORIZED
        agent, stamp, nonce, signature = match.groups()
        signed = f"dumbwaiter-agent-connect-v1\n{agent}\n{stamp}\n{nonce}"
        expected = hmac.new(self.key, signed.encode(), hashlib.sha256).hexdigest()
        good = agent == self.agent and signature == expected and nonce not in self._nonces
        if not good or abs(int(stamp) - self.now()) > 120:
            return HTTPStatus.UNAUTHORIZED
        self._nonces.add(nonce)
        return None

    # Frames

    async def _serve(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        self.opened += 1
        try:
            async for text in socket:
                await self._thawed.wait()
                assert isinstance(text, str)
                assert len(text.encode()) <= 32 * 1024
                for frame in self._opened(json.loads(text)):
                    self.frames.append(frame)
                    if handle := getattr(self, f"_on_{frame['type']}", None):
                        await handle(socket, frame)
        except ConnectionClosed:
            pass
        finally:
            self.sockets.remove(socket)

    def _opened(self, frame: Frame) -> list[Frame]:
        if frame["type"] != "bundle":
            return [frame]
        self.bundled += 1
        if not self.bundles:
            self.violations.append("a bundle to a relay that takes none")
        return list(frame["frames"])

    async def _on_hello(self, socket: ServerConnection, frame: Frame) -> None:
        self.hellos.append(frame)
        if self.error:
            await _send(socket, json.dumps({"type": "error", "code": self.error, "time": self.now()}))
        if self.error or not self.welcomes:
            return
        for printer in frame["printers"]:
            self.printers[printer["printer"]] = printer
        welcome = {"type": "welcome", "protocol": 1, "time": self.now(), "heartbeat": self.heartbeat}
        welcome |= {"capabilities": ["bundle"]} if self.bundles else {}
        welcome |= {} if self.epoch is None else {"epoch": self.epoch}
        await _send(
            socket,
            json.dumps({**welcome, "lifetime": self.lifetime, "role": self.role, "confirm": self.confirm}),
        )
        for job in self.jobs.values():
            last_seq = frame["cursor"].get(job.frame["printer"], 0)
            if job.state == "sent" and job.frame["seq"] <= last_seq:
                self._move(job, "received")
        await self._deliver([job for job in self.jobs.values() if job.state in {"queued", "sent"}])

    async def _on_ack(self, _socket: ServerConnection, frame: Frame) -> None:
        job = self.jobs[frame["job"]]
        job.acks += 1
        if job.state == "sent":
            self._move(job, "received")

    async def _on_begin(self, socket: ServerConnection, frame: Frame) -> None:
        if self.grants:
            await _send(socket, json.dumps({"type": "go", "job": frame["job"]}))

    async def _on_progress(self, _socket: ServerConnection, frame: Frame) -> None:
        job = self.jobs[frame["job"]]
        if job.state in {"sent", "received"}:
            self._move(job, "printing")

    async def _on_result(self, socket: ServerConnection, frame: Frame) -> None:
        job = self.jobs[frame["job"]]
        if job.results and job.results[0]["state"] != frame["state"]:
            self.violations.append(f"{job.id}: {job.results[0]['state']} became {frame['state']}")
        job.results.append(frame)
        if job.state not in FINAL:
            self._move(job, frame["state"])
        if self._random.random() >= self.faults.drop_noted:
            await _send(socket, json.dumps({"type": "noted", "jobs": [job.id]}))

    async def _on_printer(self, _socket: ServerConnection, frame: Frame) -> None:
        self.printers[frame["printer"]] = frame

    async def _on_beat(self, socket: ServerConnection, _frame: Frame) -> None:
        if self.answers_beats:
            await _send(socket, json.dumps({"type": "beat", "time": self.now()}))

    def _move(self, job: Job, state: str) -> None:
        if state not in LEGAL.get(job.state, set()):
            self.violations.append(f"{job.id}: {job.state} → {state}")
        job.state = state

    # Delivery

    async def _resend(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            now = time.monotonic()
            due = [
                job
                for job in self.jobs.values()
                if job.state == "queued" or (job.state == "sent" and now > job.sent_at + self.resend_seconds)
            ]
            if due and self.sockets and self._thawed.is_set():
                await self._deliver(due)

    async def _deliver(self, jobs: list[Job]) -> None:
        if not self.sockets or not self.delivers or not self.hellos:
            return
        socket = self.sockets[-1]
        if self._random.random() < self.faults.swap:
            self._random.shuffle(jobs)
        for job in jobs:
            if job.state == "queued":
                self._move(job, "sent")
            job.sent_at = time.monotonic()
            for _ in range(2 if self._random.random() < self.faults.duplicate else 1):
                for text in job_frames(job):
                    await _send(socket, text)


def job_frames(job: Job) -> list[str]:
    """The job as it goes over the wire: whole, by link, or in parts."""
    described: Frame = {"bytes": len(job.payload), "sha256": hashlib.sha256(job.payload).hexdigest()}
    if job.link:
        return [json.dumps({**job.frame, "payload": {**described, "link": job.link}})]
    if len(job.payload) <= PART_BYTES:
        return [json.dumps({**job.frame, "payload": {**described, "data": b64encode(job.payload).decode()}})]
    pieces = [job.payload[at : at + PART_BYTES] for at in range(0, len(job.payload), PART_BYTES)]
    parts = [
        {"type": "part", "job": job.id, "part": number, "data": b64encode(piece).decode()}
        for number, piece in enumerate(pieces)
    ]
    return [json.dumps(frame) for frame in ({**job.frame, "payload": {**described, "parts": len(pieces)}}, *parts)]


async def _send(socket: ServerConnection, text: str) -> None:
    try:
        await socket.send(text)
    except ConnectionClosed:
        return
