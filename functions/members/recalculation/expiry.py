"""Tags that expire: an index gives the members whose tag changes today, and no other member is read."""

from datetime import datetime

from functions.members.calculator.calculate import calculate_tag
from functions.members.tables.tags import FIRST_EXPIRED, ExpiredTag, clear_expired_tags, read_expired_tags
from functions.members.tags.registry import TAGS
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.env import Environment

DUE_AT_ONCE = 500


def expire_tags(env: Environment, until: datetime) -> int:
    """Compute due tags again, the longest overdue first. Returns the number of visited tags.

    A visit moves or clears the row's expiry, so a run that stops continues in the next minute. A chain's tag that
    fails is skipped for the rest of the run.
    """
    visited = 0
    after: ExpiredTag | None = FIRST_EXPIRED
    with Isolation() as isolation:
        while after and env.clock() < until:
            with env.db.transaction() as transaction:
                due, after = read_expired_tags(transaction, env.clock(), after, DUE_AT_ONCE)
            for (chain, tag), member_ids in due.items():
                piece = f"{chain}/{tag}"
                if piece not in isolation.failed:
                    with isolation.isolate(piece):
                        _visit(env, tag, member_ids)
            visited += sum(map(len, due.values()))
    return visited


def _visit(env: Environment, tag: str, member_ids: list[str]) -> None:
    active_ids = calculate_tag(env, TAGS[tag], member_ids) if tag in TAGS else set()
    inactive_ids = [member_id for member_id in member_ids if member_id not in active_ids]
    if not inactive_ids:
        return
    # The tag's function was removed, or the member is gone.
    now = env.clock()
    with env.db.transaction() as transaction:
        cleared = clear_expired_tags(transaction, tag, inactive_ids, now)
    if cleared:
        log.logger().info("tags of inactive members cleared", extra={"tag": tag, "count": cleared})
