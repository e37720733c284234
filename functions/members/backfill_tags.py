"""every minute → tags are computed again after a change of definitions or thresholds, and segments become files"""

from datetime import datetime

from functions.members.recalculation.backfills import BACKFILLS, start_for_new_versions
from functions.members.segments.exports import EXPORTS
from shared.kit.isolation import Isolation
from shared.kit.stepped_work import run_steps
from shared.spine import entry
from shared.spine.env import Environment


def backfill_tags(env: Environment, until: datetime) -> None:
    """Backfills and exports take turns, a step each. Work that is not done by `until` continues in the next minute."""
    with Isolation() as isolation:
        start_for_new_versions(env, isolation)
        run_steps(env, until, isolation, [BACKFILLS, EXPORTS])


handler = entry.timer(backfill_tags)
