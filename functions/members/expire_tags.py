"""every minute → tags whose time has come without a purchase get the value of today"""

from datetime import datetime

from functions.members.expiring import expire
from shared import entry
from shared.environment import Environment


def run(house: Environment, until: datetime) -> None:
    """What is not done by then is for the next minute."""
    expire(house, until)


handler = entry.timer(run)
