"""Every minute → due steps are made, and due messages and pushes are sent, looking each second."""

import time
from datetime import datetime
from functools import partial

from functions.outlets.announcing.queue import queue_announcements
from functions.outlets.escalation.steps import make_due_steps
from functions.outlets.health.telling import tell_alerts
from functions.outlets.pushing.sender import send_pushes, settle_lost_pushes
from functions.outlets.sending.sender import send_round, settle_lost
from functions.outlets.tables.guest_pushes import read_any_waiting
from functions.outlets.tables.settings import read_any_enabled
from shared.spine import entry
from shared.spine.env import Environment

# Seconds between looks. A step is made at most two seconds late.
LOOK_SECONDS = 1.0
LOOKS_OF_OTHER_WORK = 10
# After a round of announcements alone, the database and the services are left to orders for as many times its length.
REST_TIMES, LONGEST_REST = 3, 0.5


def send_due_notices(env: Environment, until: datetime) -> None:
    """Look each second until the run ends. A stage without outlets and pushes costs two statements."""
    with env.db.statements() as statements:
        has_outlets, has_pushes = read_any_enabled(statements), read_any_waiting(statements)
    if has_pushes:
        settle_lost_pushes(env)
        send_pushes(env, meanwhile=partial(make_due_steps, env) if has_outlets else None)
    if not has_outlets:
        return
    looks, look = 0, partial(make_due_steps, env)
    while env.clock() < until:
        if looks % LOOKS_OF_OTHER_WORK == 0:
            settle_lost(env)
            queue_announcements(env)
            tell_alerts(env)
            send_pushes(env, meanwhile=look)
        made, began = look(), time.monotonic()
        sent = send_round(env, meanwhile=look)
        if not sent and not made:
            time.sleep(LOOK_SECONDS)
        elif sent.announcements and not sent.orders:
            time.sleep(min(LONGEST_REST, REST_TIMES * (time.monotonic() - began)))
        looks += 1


handler = entry.timer(send_due_notices)
