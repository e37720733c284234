"""$default → frames of an agent are stored and answered, and the agent gets its next jobs."""

from collections.abc import Sequence
from contextlib import ExitStack

from functions.printing.agents.frame_transaction import handle_frames
from functions.printing.link import inbound
from functions.printing.link.inbound import FromAgent
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
ATTEMPTS = 3
_frame_limit = RateLimit(FRAMES_PER_SECOND, BURST)


def receive_message(event: Frame, env: Environment) -> None:
    """Unreadable frames, and frames over the rate limit, never reach the database."""
    if event.kind != "MESSAGE":
        raise Rejected("wrong_route", "this route is for frames")
    if not _within_limit(event, env, 1):
        return
    readable = list(inbound.read(event.body))
    good = [frame for frame in readable if not isinstance(frame, BadFrame)]
    bad = [frame for frame in readable if isinstance(frame, BadFrame)]
    if not _within_limit(event, env, len(readable) - 1 + BAD_FRAME * len(bad)):
        return
    for fault in bad:
        log.logger().warning("bad frame", extra={"code": fault.code, "connection": event.connection})
        if fault.about != "error":
            env.aws.push(event.connection, encode(fault.frame()))
    if good:
        _handle_together(env, event.connection, good)


def _within_limit(event: Frame, env: Environment, weight: float) -> bool:
    if _frame_limit.spend(event.connection, env.clock().timestamp(), weight):
        return True
    log.logger().warning("too many frames", extra={"connection": event.connection})
    env.aws.hang_up(event.connection)
    return False


def _handle_together(env: Environment, connection: str, good: Sequence[FromAgent]) -> None:
    """In one transaction. If that fails, each frame in its own, so that a bad one does not stop the next."""
    try:
        _handle_with_retries(env, connection, good)
    except DumbwaiterError:
        raise
    except Exception as failure:
        if len(good) == 1:
            raise
        log.bug(failure, "frames are handled one by one")
        with ExitStack() as one_by_one:
            for frame in reversed(good):
                one_by_one.callback(_handle_with_retries, env, connection, [frame])


def _handle_with_retries(env: Environment, connection: str, good: Sequence[FromAgent]) -> None:
    """Two frames of one store may lock each other out. The one that loses is handled again."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            handle_frames(env, connection, good)
        except Locked:
            if attempt == ATTEMPTS:
                raise
        else:
            return


handler = entry.socket(receive_message)
