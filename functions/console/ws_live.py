"""$connect, $disconnect, $default → a page with a ticket is admitted, watches topics, and is forgotten."""

from http import HTTPStatus

from functions.console.live import frames
from functions.console.live.connections import FORGOTTEN, SESSION_ENDED, TOO_MANY, admit_with, close, watch
from functions.console.tables.live import delete_connections
from shared.kit.rate_limit import RateLimit
from shared.spine import entry, log
from shared.spine.entry import Frame
from shared.spine.env import Environment
from shared.spine.errors import Rejected

# A page sends a frame each minute, and one each time that a person opens another view.
_frame_limit = RateLimit(2.0, 20.0)


def follow_page(frame: Frame, env: Environment) -> None:
    """Raises `Rejected` (401) at the beginning of a connection without a good ticket."""
    if frame.kind == "CONNECT":
        _admit(frame, env)
    elif frame.kind == "DISCONNECT":
        with env.db.transaction() as transaction:
            delete_connections(transaction, [frame.connection])
    else:
        _answer(frame, env)


def _admit(frame: Frame, env: Environment) -> None:
    with env.db.transaction() as transaction:
        surplus = admit_with(transaction, frame.query.get("ticket", ""), frame.connection, env.clock())
    if surplus is None:
        raise Rejected("ticket_wrong", "the ticket is unknown, too old or used", status=HTTPStatus.UNAUTHORIZED)
    log.logger().info("page admitted", extra={"connection": frame.connection})
    close(env, surplus, TOO_MANY)


def _answer(frame: Frame, env: Environment) -> None:
    if not _frame_limit.spend(frame.connection, env.clock().timestamp()):
        env.aws.hang_up(frame.connection)
        return
    try:
        answer = _answer_to(frame, env)
    except Rejected as refusal:
        answer = frames.error(refusal.code)
    if answer:
        env.aws.push(frame.connection, answer)
    else:
        close(env, [frame.connection], FORGOTTEN if answer is None else SESSION_ENDED)


def _answer_to(frame: Frame, env: Environment) -> str | None:
    """The answer for the page. Empty for a connection whose session has ended, None for one that was forgotten."""
    page_frame, now = frames.read_frame(frame.body), env.clock()
    wishes = frames.wishes_of(page_frame) if page_frame.action == "live" else None
    with env.db.transaction() as transaction:
        answer = watch(transaction, frame.connection, wishes, now)
    return frames.pong(now) if answer and wishes is None else answer


handler = entry.socket(follow_page)
