"""Every minute → due steps are made, and due messages and pushes are sent, looking each second."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from functions.outlets.announcing.queue import queue_announcements
from functions.outlets.escalation.steps import make_due_steps
from functions.outlets.health.telling import tell_alerts
from functions.outlets.pushing.sender import send_pushes, settle_lost_pushes
from functions.outlets.sending.sender import send_round, settle_lost
from functions.outlets.sending.unusable_robots import hand_over_of_unusable
from functions.outlets.tables.guest_pushes import read_any_waiting
from functions.outlets.tables.settings import read_any_enabled
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.db import Locked
from shared.spine.env import Environment

T = TypeVar("T")
# Seconds between looks. A step is made at most two seconds late.
LOOK_SECONDS = 1.0
LOOKS_OF_OTHER_WORK = 10
# After a round of announcements alone, the database and the services are left to orders for as many times its length.
REST_TIMES, LONGEST_REST = 3, 0.5


def send_due_notices(env: Environment, until: datetime) -> None:
    """Look each second until the run ends. A stage without outlets and pushes costs two statements."""
    with env.db.statements() as statements:
        has_outlets, has_pushes = read_any_enabled(statements), read_any_waiting(statements)
    look = partial(make_due_steps, env)
    with Isolation() as isolation:
        if has_pushes:
            _apart(isolation, "lost pushes", partial(settle_lost_pushes, env))
            _apart(isolation, "pushes", partial(send_pushes, env, meanwhile=look if has_outlets else None))
        looks = 0
        while has_outlets and env.clock() < until:
            if looks % LOOKS_OF_OTHER_WORK == 0:
                _do_other_work(env, isolation, look)
            _do_look(env, isolation, look)
            looks += 1


def _do_other_work(env: Environment, isolation: Isolation, look: Callable[[], int]) -> None:
    """Each part apart, with a look after each: a lock in one of them must not end the looks of this minute."""
    for name, work in (
        ("lost messages", partial(settle_lost, env)),
        ("messages of unusable robots", partial(hand_over_of_unusable, env)),
        ("announcements", partial(queue_announcements, env, meanwhile=look)),
        ("alerts", partial(tell_alerts, env)),
        ("pushes", partial(send_pushes, env, meanwhile=look)),
    ):
        _apart(isolation, name, work)
        _apart(isolation, "steps", look)


def _do_look(env: Environment, isolation: Isolation, look: Callable[[], int]) -> None:
    """Make the due steps, send a round, and rest as long as the work allows."""
    made, began = _apart(isolation, "steps", look), time.monotonic()
    sent = _apart(isolation, "messages", partial(send_round, env, meanwhile=look))
    if not sent and not made:
        time.sleep(LOOK_SECONDS)
    elif sent and sent.announcements and not sent.orders:
        time.sleep(min(LONGEST_REST, REST_TIMES * (time.monotonic() - began)))


def _apart(isolation: Isolation, name: str, work: Callable[[], T]) -> T | None:
    """The result; None after a failure, which is raised at the end of the run, and after a lock, which passes."""
    with isolation.isolate(name):
        try:
            return work()
        except Locked as lock:
            log.logger().info("work is left for the next look", extra={"work": name, "lock": str(lock)})
    return None


handler = entry.timer(send_due_notices)
