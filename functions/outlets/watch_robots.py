"""Every 5 minutes → each robot's login and rights, and some chats, are looked at without a message."""

from datetime import datetime

from functions.outlets.health.ending import end_alerts
from functions.outlets.health.watching import watch_chats, watch_robots
from shared.kit.isolation import Isolation
from shared.spine import entry
from shared.spine.env import Environment


def look_at_services(env: Environment, until: datetime) -> None:
    """Alerts that are over, then robots, then chats, until none is due or the time ends."""
    with Isolation() as isolation:
        with isolation.isolate("alerts"):
            end_alerts(env)
        with isolation.isolate("looks"):
            _look(env, until)


def _look(env: Environment, until: datetime) -> None:
    while env.clock() < until and watch_robots(env):
        pass
    while env.clock() < until and watch_chats(env):
        pass


handler = entry.timer(look_at_services)
