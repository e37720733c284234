"""every minute → tags whose time has come without a purchase get the value of today"""

from datetime import datetime

from functions.members.recalculation.expiry import expire
from shared.spine import entry
from shared.spine.env import Environment


def run(env: Environment, until: datetime) -> None:
    """What is not done by then is for the next minute."""
    expire(env, until)


handler = entry.timer(run)
