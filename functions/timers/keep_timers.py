"""Every minute → rules are as people decided, and timers that are late, hang or fail become alerts."""

from datetime import datetime

from functions.timers.keeping.keeper import keep_alerts, keep_rules
from functions.timers.stage.rules import read_timers
from shared.spine import entry, log
from shared.spine.env import Environment


def keep_timers(env: Environment, _until: datetime) -> None:
    """One call of AWS, and one for each rule that is not as decided."""
    stage = read_timers(env.aws, env.settings.watched_prefix)
    failed = keep_rules(env, stage, keep_alerts(env, stage))
    log.logger().info("timers kept", extra={"timers": len(stage), "rules_failed": failed})


handler = entry.timer(keep_timers)
