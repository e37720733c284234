"""Tags move with time: the members whose moment has come are found by index, and no others are looked at."""

from datetime import datetime

from functions.members import store as sql
from functions.members.registry import TAGS
from functions.members.runner import refresh
from functions.members.turns import Turns
from shared import log
from shared.environment import Environment

DUE_AT_ONCE = 500


def expire(house: Environment, until: datetime) -> int:
    """Make every tag that is due anew, the longest due first, until `until`; how many were visited.

    Every visit moves the row's moment into the future or away, so an interrupted run is simply gone on with. A tag that
    raises is left alone for the rest of the run.
    """
    visited = 0
    with Turns() as turns:
        while house.clock() < until:
            with house.db.transaction() as transaction:
                due = sql.read_due(transaction, house.clock(), DUE_AT_ONCE, but=turns.failed)
            for tag, members in due.items():
                with turns.take(tag):
                    _visit(house, tag, members)
            count = sum(map(len, due.values()))
            visited += count
            if count < DUE_AT_ONCE:
                break
    return visited


def _visit(house: Environment, tag: str, members: list[str]) -> None:
    served = refresh(house, TAGS[tag], members) if tag in TAGS else set()
    gone = [member for member in members if member not in served]
    if not gone:
        return
    # The tag's function was taken away, or its member is gone.
    now = house.clock()
    with house.db.transaction() as transaction:
        stale = sql.blank_due(transaction, tag, gone, now)
    if stale:
        log.logger().info("tags without a member to have them", extra={"tag": tag, "count": stale})
