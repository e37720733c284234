"""every minute → changed tags are announced and drawn into the bitmaps that count segments"""

from datetime import datetime

from functions.members.segments.tag_changes import announce_changes
from shared.spine import entry
from shared.spine.env import Environment


def announce_tags(env: Environment, until: datetime) -> None:
    """Changes that are not announced by `until` wait for the next minute."""
    announce_changes(env, until)


handler = entry.timer(announce_tags)
