"""every minute → tags that changed are announced and drawn into the bitmaps that segments are counted by"""

from datetime import datetime

from functions.members.segments.tag_changes import announce_changes
from shared.spine import entry
from shared.spine.env import Environment


def run(env: Environment, until: datetime) -> None:
    """What is not done by then is for the next minute."""
    announce_changes(env, until)


handler = entry.timer(run)
