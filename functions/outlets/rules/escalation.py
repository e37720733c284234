"""The steps of an escalation, with their times."""

from datetime import datetime, timedelta

from functions.outlets.rules.settings import Action, Rules


def planned_steps(rules: Rules, began_at: datetime) -> list[tuple[Action, datetime]]:
    """(action, time) of each step after the first message, in their order of time."""
    seconds = {
        Action.AGAIN: rules.again_seconds,
        Action.CALL: rules.call_seconds,
        Action.SECOND: rules.second_seconds,
        Action.HEAD_OFFICE: rules.head_office_seconds,
    }
    steps = [(action, began_at + timedelta(seconds=after)) for action, after in seconds.items() if after is not None]
    if rules.automatic != "none":
        steps.append((Action(rules.automatic), automatic_at(rules, began_at)))
    return sorted(steps, key=lambda step: step[1])


def automatic_at(rules: Rules, began_at: datetime) -> datetime:
    """The time of the automatic answer: before the platform's deadline, and never before the order."""
    return began_at + timedelta(seconds=max(0, rules.limit_seconds - rules.automatic_before_seconds))


def limit_at(rules: Rules, began_at: datetime) -> datetime:
    """The platform's deadline."""
    return began_at + timedelta(seconds=rules.limit_seconds)
