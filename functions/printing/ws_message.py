"""$default → what an agent says is kept, answered, and followed by the jobs that are next."""

from datetime import timedelta

from functions.printing import frames, link, store_agents
from functions.printing import store as sql
from functions.printing.dispatch import Mail
from functions.printing.floods import BAD_FRAME, Floods
from functions.printing.frames import Ack, BadFrame, Beat, Begin, Bye, Hello, PrinterChanged, Progress, Refuse, Result
from functions.printing.hello import on_hello
from functions.printing.link import Link
from functions.printing.roles import silent_at
from shared import entry, log
from shared.db import Locked
from shared.entry import Frame
from shared.environment import Environment
from shared.errors import Rejected

WRITTEN_EVERY = timedelta(seconds=1)
_floods = Floods()


def take(frame: Frame, house: Environment) -> None:
    """A frame that cannot be read, or too many of them, costs nobody else anything: it never reaches the database."""
    if frame.kind != "MESSAGE":
        raise Rejected("wrong_route", "this route is for frames")
    if _floods.over(frame.connection, house.clock().timestamp()):
        _refuse_flood(frame, house)
        return
    try:
        said = frames.read(frame.body)
    except BadFrame as fault:
        log.logger().warning("bad frame", extra={"code": fault.code, "connection": frame.connection})
        if _floods.over(frame.connection, house.clock().timestamp(), BAD_FRAME):
            _refuse_flood(frame, house)
        elif fault.about != "error":
            house.aws.push(frame.connection, frames.encode(fault.frame()))
        return
    # Two frames of one store may wait for each other; the one that is sent back is done again.
    for last in (False, False, True):
        try:
            _take(frame, said, house)
        except Locked:
            if last:
                raise
            continue
        return


def _refuse_flood(frame: Frame, house: Environment) -> None:
    log.logger().warning("too many frames", extra={"connection": frame.connection})
    house.aws.hang_up(frame.connection)


def _take(frame: Frame, said: frames.FromAgent, house: Environment) -> None:
    now = house.clock()
    with house.outbox.work("printing") as work:
        agent = store_agents.agent_of(work, frame.connection)
        setup = sql.read_setup(work, agent.store_id) if agent else None
        if agent is None or setup is None:
            raise Rejected("unknown_connection", "this connection was never let in, or is closed")
        log.note(store=agent.store_id)
        mail = Mail(house)
        found = Link(work, mail, setup, agent, frame.connection, now)
        if agent.revoked_at:
            found.answer({"type": "error", "code": "revoked", "detail": "by head office", "time": now.timestamp()})
        else:
            _handle(found, said)
            if not isinstance(said, Hello | Bye):
                _see(found)
        work.then(mail.deliver)


def _see(found: Link) -> None:
    """It is there; at most once a second that is worth a write."""
    agent, quiet = found.agent, silent_at(found.setup.routing, found.now)
    if agent.connection_id is None:
        # It was given up for lost, and was not: it has to say again what it has.
        found.answer({"type": "reconnect", "within": 1})
    if agent.silent_at is None or quiet - agent.silent_at > WRITTEN_EVERY:
        store_agents.see_agent(found.work, agent.id, found.now, quiet)


def _handle(found: Link, said: frames.FromAgent) -> None:
    match said:
        case Hello():
            on_hello(found, said)
        case Ack():
            link.on_ack(found, said)
        case Refuse():
            link.on_refuse(found, said)
        case Begin():
            link.on_begin(found, said)
        case Progress():
            link.on_progress(found, said)
        case Result():
            link.on_result(found, said)
        case PrinterChanged():
            link.on_printer(found, said)
        case Beat():
            link.on_beat(found)
        case Bye():
            link.on_bye(found)
        case _:
            log.logger().warning("the agent reports an error", extra={"code": said.code, "agent": found.agent.id})


handler = entry.socket(take)
