"""every minute → tags with a new definition, or a chain's new thresholds, are made anew for every member"""

from datetime import datetime

from functions.members.backfilling import backfill, start_for_new_versions
from shared import entry
from shared.environment import Environment


def run(house: Environment, until: datetime) -> None:
    """What is not done by then goes on from there in the next minute."""
    start_for_new_versions(house)
    backfill(house, until)


handler = entry.timer(run)
