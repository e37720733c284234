"""Tags move with time: the members whose moment has come are found by index, and no others are looked at."""

from datetime import datetime

from functions.members import store as sql
from functions.members.calculator.calculate import refresh
from functions.members.tags.registry import TAGS
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.env import Environment

DUE_AT_ONCE = 500


def expire(env: Environment, until: datetime) -> int:
    """Make every tag that is due anew, the longest due first, until `until`; how many were visited.

    Every visit moves the row's moment into the future or away, so an interrupted run is simply gone on with. A chain's
    tag that raises is left alone for the rest of the run.
    """
    visited = 0
    after: sql.Due | None = sql.FIRST_DUE
    with Isolation() as isolation:
        while after and env.clock() < until:
            with env.db.transaction() as transaction:
                due, after = sql.read_due(transaction, env.clock(), after, DUE_AT_ONCE)
            for (chain, tag), members in due.items():
                piece = f"{chain}/{tag}"
                if piece not in isolation.failed:
                    with isolation.isolate(piece):
                        _visit(env, tag, members)
            visited += sum(map(len, due.values()))
    return visited


def _visit(env: Environment, tag: str, members: list[str]) -> None:
    served = refresh(env, TAGS[tag], members) if tag in TAGS else set()
    gone = [member for member in members if member not in served]
    if not gone:
        return
    # The tag's function was taken away, or its member is gone.
    now = env.clock()
    with env.db.transaction() as transaction:
        stale = sql.blank_due(transaction, tag, gone, now)
    if stale:
        log.logger().info("tags without a member to have them", extra={"tag": tag, "count": stale})
