"""The outcomes of a round are recorded: its slots count from the answer, and each outcome is stored.

A known reply must not be lost to a lock of another worker, because its message would go again. So transactions are
short. They are tried again for longer than any worker holds a lock, and the lease of the messages lasts beyond that.
"""

import time
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from functions.outlets.sending.outcomes import Decision
from functions.outlets.sending.storing import is_plainly_sent, store_decisions
from functions.outlets.tables.messages import update_leased
from functions.outlets.tables.slots import update_slots_stamped
from shared.kit.isolation import Isolation
from shared.spine import log
from shared.spine.db import Locked
from shared.spine.env import Environment
from shared.spine.errors import Unavailable

CONCERN = "outlets"
# A lock is held for a transaction, which a killed worker ends after ten seconds at the latest.
STORE_SECONDS, STORE_PAUSE = 30.0, 0.1
# It begins again at each try, and is longer than all statements of a try wait.
LEASE = timedelta(seconds=45)


def store_answers(
    env: Environment, decisions: Sequence[Decision], keys: Sequence[str], token: int, now: datetime
) -> None:
    """The slots count from now, and what became of the messages is stored. Raises the first failure at the end."""
    stamped = _is_stamped(env, keys, token)
    try:
        _store_parts(env, _parts(decisions), token, now)
    finally:
        # A slot that is never stamped counts until its lease and its window have ended.
        if not stamped:
            _is_stamped(env, keys, token)
    _log(decisions)


def _is_stamped(env: Environment, keys: Sequence[str], token: int) -> bool:
    """Whether the slots count from now. Another worker may hold a lock on the window."""
    try:
        with env.db.statements() as statements:
            update_slots_stamped(statements, sorted(set(keys)), token)
    except Locked:
        log.logger().info("slots are not stamped yet", extra={"slots": len(keys)})
        return False
    return True


def _parts(decisions: Sequence[Decision]) -> list[list[Decision]]:
    """Plain outcomes together, and the others by chat: a dead chat takes many statements, which lock many rows."""
    plain: list[Decision] = []
    by_chat: dict[tuple[str, str], list[Decision]] = defaultdict(list)
    for decision in decisions:
        message = decision.message
        (plain if is_plainly_sent(decision) else by_chat[message.robot, message.address]).append(decision)
    return [*([plain] if plain else []), *by_chat.values()]


def _store_parts(env: Environment, parts: Iterable[list[Decision]], token: int, now: datetime) -> None:
    """Store each part. Of one that fails, each message is tried alone after the other parts."""
    waiting, until = deque(parts), time.monotonic() + STORE_SECONDS
    with Isolation() as isolation:
        while waiting:
            part = waiting.popleft()
            try:
                with env.outbox.work(CONCERN) as work:
                    store_decisions(work, part, token, now)
            except Exception as failure:
                locked = isinstance(failure, Locked)
                if isinstance(failure, Unavailable) and not locked:
                    raise
                if len(part) > 1 or (locked and time.monotonic() < until):
                    log.logger().info("replies are stored later", extra={"replies": len(part), "why": str(failure)})
                    waiting.extend([decision] for decision in part)
                    _renew(env, waiting, token)
                    continue
                with isolation.isolate(part[0].message.id):
                    raise


def _renew(env: Environment, waiting: Iterable[Sequence[Decision]], token: int) -> None:
    """The messages stay this worker's while it tries again."""
    time.sleep(STORE_PAUSE)
    messages = [decision.message.id for part in waiting for decision in part]
    try:
        with env.db.statements() as statements:
            update_leased(statements, messages, token, env.clock() + LEASE)
    except Locked:
        log.logger().info("a lease is renewed at the next try", extra={"messages": len(messages)})


def _log(decisions: Sequence[Decision]) -> None:
    for decision in decisions:
        message = decision.message
        about = {"sent": message.id, "robot": message.robot, "state": message.state, "failure": message.failure}
        log.logger().info("chat message", extra=about)
