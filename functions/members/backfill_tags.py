"""every minute → tags of a new definition or thresholds are made anew, and segments that were asked for become files"""

from datetime import datetime

from functions.members.recalculation.backfills import backfill_step, start_for_new_versions
from functions.members.segments.exports import export_step
from shared.kit.isolation import Turns
from shared.spine import entry
from shared.spine.env import Environment


def run(env: Environment, until: datetime) -> None:
    """A step of each in turn; what is not done by then goes on from there in the next minute."""
    with Turns() as turns:
        start_for_new_versions(env, turns)
        while env.clock() < until and any([backfill_step(env, turns), export_step(env, turns)]):
            pass


handler = entry.timer(run)
