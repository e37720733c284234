"""every minute → tags that time changes get the value of today"""

from datetime import datetime

from functions.members.recalculation import expiry
from shared.spine import entry
from shared.spine.env import Environment


def expire_tags(env: Environment, until: datetime) -> None:
    """Tags that are not computed by `until` wait for the next minute."""
    expiry.expire_tags(env, until)


handler = entry.timer(expire_tags)
