"""$default → what an agent says is kept, answered, and followed by the jobs that are next."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta

from functions.printing.agents import frame_effects, machines
from functions.printing.agents.frame_effects import Link
from functions.printing.agents.handshake import on_hello
from functions.printing.agents.roles import silent_at
from functions.printing.jobs.dispatch import Mail, claim
from functions.printing.link import frames
from functions.printing.link.frames import (
    Ack,
    Beat,
    Begin,
    Bye,
    FromAgent,
    Hello,
    PrinterChanged,
    Progress,
    Refuse,
    Result,
)
from functions.printing.tables.agents import read_agent_of_connection, update_seen_at
from functions.printing.tables.setups import read_setup
from print_link.frames import BadFrame, encode
from shared.kit.rate_limit import RateLimit
from shared.spine import entry, log
from shared.spine.db import Locked
from shared.spine.entry import Frame
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError, Rejected

# Frames of a connection. An agent with a hundred printers sends less, even when it reports all results after an outage.
FRAMES_PER_SECOND = 100.0
BURST = 1_000.0
# An unreadable frame counts as so many: no agent sends many of them.
BAD_FRAME = 20.0
WRITTEN_EVERY = timedelta(seconds=1)
_frame_limit = RateLimit(FRAMES_PER_SECOND, BURST)


def take(frame: Frame, env: Environment) -> None:
    """A frame that cannot be read, or too many of them, costs nobody else anything: it never reaches the database."""
    if frame.kind != "MESSAGE":
        raise Rejected("wrong_route", "this route is for frames")
    if not _frame_limit.spend(frame.connection, env.clock().timestamp()):
        _refuse_flood(frame, env)
        return
    found = list(frames.read(frame.body))
    said = [one for one in found if not isinstance(one, BadFrame)]
    bad = [one for one in found if isinstance(one, BadFrame)]
    if not _frame_limit.spend(frame.connection, env.clock().timestamp(), len(found) - 1 + BAD_FRAME * len(bad)):
        _refuse_flood(frame, env)
        return
    for fault in bad:
        log.logger().warning("bad frame", extra={"code": fault.code, "connection": frame.connection})
        if fault.about != "error":
            env.aws.push(frame.connection, encode(fault.frame()))
    if said:
        _take_together(frame, said, env)


def _take_together(frame: Frame, said: Sequence[FromAgent], env: Environment) -> None:
    """In one transaction; where that fails each in its own, so that none keeps the others back."""
    try:
        _take_patiently(frame, said, env)
    except DumbwaiterError:
        raise
    except Exception as failure:
        if len(said) == 1:
            raise
        log.bug(failure, "frames are taken one by one")
        with ExitStack() as all_of_them:
            for one in reversed(said):
                all_of_them.callback(_take_patiently, frame, [one], env)


def _take_patiently(frame: Frame, said: Sequence[FromAgent], env: Environment) -> None:
    """Two frames of one store may wait for each other; the one that is sent back is done again."""
    for last in (False, False, True):
        try:
            _take(frame, said, env)
        except Locked:
            if last:
                raise
            continue
        return


def _refuse_flood(frame: Frame, env: Environment) -> None:
    log.logger().warning("too many frames", extra={"connection": frame.connection})
    env.aws.hang_up(frame.connection)


def _take(frame: Frame, said: Sequence[FromAgent], env: Environment) -> None:
    now = env.clock()
    with env.outbox.work("printing") as work:
        agent = read_agent_of_connection(work, frame.connection)
        setup = read_setup(work, agent.store_id) if agent else None
        if agent is None or setup is None:
            raise Rejected("unknown_connection", "this connection was never let in, or is closed")
        log.note(store=agent.store_id)
        mail = Mail(env)
        found = Link(work, mail, setup, agent, frame.connection, now)
        if agent.revoked_at:
            found.answer({"type": "error", "code": "revoked", "detail": "by head office", "time": now.timestamp()})
            mail.hung_up.add(frame.connection)
        else:
            if not isinstance(said[0], Hello):
                machines.heed(found, beats=any(isinstance(one, Beat) for one in said))
            for one in said:
                _handle(found, one)
                if frame.connection in mail.hung_up:
                    break
            if found.claims:
                claim(work, mail, found.setup, found.printing_agent(), found.claims, now)
            if not isinstance(said[-1], Hello | Bye) and frame.connection not in mail.hung_up:
                _see(found)
        work.then(mail.deliver)
    log.logger().info("agent said", extra={"agent": agent.id, "types": [frames.type_of(one) for one in said]})


def _see(found: Link) -> None:
    """It is there; at most once a second that is worth a write."""
    agent, quiet = found.agent, silent_at(found.setup.routing, found.now)
    if agent.connection_id is None:
        # It was given up for lost, and was not: it has to say again what it has.
        found.answer({"type": "reconnect", "within": 1})
    if agent.silent_at is None or quiet - agent.silent_at > WRITTEN_EVERY:
        update_seen_at(found.work, agent.id, found.now, quiet)


def _handle(found: Link, said: FromAgent) -> None:
    match said:
        case Hello():
            on_hello(found, said)
        case Ack():
            frame_effects.on_ack(found, said)
        case Refuse():
            frame_effects.on_refuse(found, said)
        case Begin():
            frame_effects.on_begin(found, said)
        case Progress():
            frame_effects.on_progress(found, said)
        case Result():
            frame_effects.on_result(found, said)
        case PrinterChanged():
            frame_effects.on_printer(found, said)
        case Beat():
            frame_effects.on_beat(found)
        case Bye():
            frame_effects.on_bye(found)
        case _:
            log.logger().warning("the agent reports an error", extra={"code": said.code, "agent": found.agent.id})


handler = entry.socket(take)
