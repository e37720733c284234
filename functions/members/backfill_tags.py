"""every minute → tags of a new definition or thresholds are made anew, and segments that were asked for become files"""

from datetime import datetime

from functions.members.recalculation.backfills import backfill_step, start_for_new_versions
from functions.members.segments.exports import export_step
from shared.kit.isolation import Isolation
from shared.spine import entry
from shared.spine.env import Environment


def run(env: Environment, until: datetime) -> None:
    """A step of each in turn; what is not done by then goes on from there in the next minute."""
    with Isolation() as isolation:
        start_for_new_versions(env, isolation)
        while env.clock() < until and any([backfill_step(env, isolation), export_step(env, isolation)]):
            pass


handler = entry.timer(run)
