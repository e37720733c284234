"""Frames of one connection, handled in one transaction. Answers and jobs leave after its commit."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from functions.printing.agents import frame_handlers, machines
from functions.printing.agents.handshake import on_hello
from functions.printing.agents.revocation import revoked_frame
from functions.printing.agents.roles import silent_at
from functions.printing.agents.session import Session
from functions.printing.jobs.shift import Shift
from functions.printing.link.inbound import (
    Ack,
    Beat,
    Begin,
    Bye,
    Error,
    FromAgent,
    Hello,
    PrinterChanged,
    Progress,
    Refuse,
    Result,
    type_of,
)
from functions.printing.tables.agents import read_agent_of_connection, update_seen_at
from functions.printing.tables.setups import read_setup
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Rejected

# `seen_at` of an agent is written at most so often.
WRITTEN_EVERY = timedelta(seconds=1)


def handle_frames(env: Environment, connection: str, frames: Sequence[FromAgent]) -> None:
    """Handle the frames in their order. Raises `Rejected` for a connection that was not admitted."""
    with env.outbox.work("printing") as work:
        agent = read_agent_of_connection(work, connection)
        setup = read_setup(work, agent.store_id) if agent else None
        if agent is None or setup is None:
            raise Rejected("unknown_connection", "this connection was never admitted, or is closed")
        log.note(store=agent.store_id)
        session = Session(Shift(env, work, setup, env.clock()), agent, connection)
        if agent.revoked_at:
            session.answer(revoked_frame(session.shift))
            session.close()
        else:
            _handle(session, frames)
    log.logger().info("agent said", extra={"agent": agent.id, "types": [type_of(frame) for frame in frames]})


def _handle(session: Session, frames: Sequence[FromAgent]) -> None:
    if not isinstance(frames[0], Hello):
        machines.watch_connections(session, beats=any(isinstance(frame, Beat) for frame in frames))
    for frame in frames:
        _HANDLERS[type(frame)](session, frame)
        if session.closed:
            break
    if session.free_printers:
        session.shift.send_queued(session.free_printers)
    if not isinstance(frames[-1], Hello | Bye) and not session.closed:
        _store_seen(session)


def _store_seen(session: Session) -> None:
    """The agent is on line."""
    agent = session.agent
    quiet = silent_at(session.shift.setup.routing, session.now, confirms=agent.confirms)
    if agent.connection_id is None:
        # The relay counted the agent as off line. A new `hello` says what the agent has.
        session.answer({"type": "reconnect", "within": 1})
    if agent.silent_at is None or quiet - agent.silent_at > WRITTEN_EVERY:
        update_seen_at(session.shift.work, agent.id, session.now, quiet)


def _log_error(session: Session, frame: Error) -> None:
    log.logger().warning("the agent reports an error", extra={"code": frame.code, "agent": session.agent.id})


_HANDLERS: dict[type[FromAgent], Callable[[Session, Any], None]] = {
    Hello: on_hello,
    Ack: frame_handlers.on_ack,
    Refuse: frame_handlers.on_refuse,
    Begin: frame_handlers.on_begin,
    Progress: frame_handlers.on_progress,
    Result: frame_handlers.on_result,
    PrinterChanged: frame_handlers.on_printer,
    Beat: lambda session, _: frame_handlers.on_beat(session),
    Bye: lambda session, _: frame_handlers.on_bye(session),
    Error: _log_error,
}
