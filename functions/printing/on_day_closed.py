"""day.closed → the report of the day is printed, once a close."""

from functions.printing.jobs.day_reports import print_day_report
from shared.contracts.messages import Message
from shared.contracts.messages.days import DayClosed
from shared.spine import entry
from shared.spine.env import Environment


def print_closed_day(message: Message[DayClosed], env: Environment) -> None:
    """A repeated message makes no second job."""
    print_day_report(env, message.data.report, message.time)


handler = entry.queue(DayClosed, print_closed_day)
