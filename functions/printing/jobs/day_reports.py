"""The report of a closed day is printed once, at the first receipt station of its store."""

from datetime import datetime

from functions.printing.jobs.new_jobs import NewJob
from functions.printing.jobs.shift import Shift
from functions.printing.tables.orders import insert_printed_version
from functions.printing.tables.setups import read_setup
from functions.printing.ticket.day_report_ticket import ticket_of_day
from functions.printing.ticket.records import TicketKind
from shared.contracts.ids import derived_id, store_key
from shared.contracts.messages.days import DayReport
from shared.spine.env import Environment


def print_day_report(env: Environment, report: DayReport, occurred_at: datetime) -> None:
    """Make the job. A repeated message makes no second one. A store without a receipt station prints nothing."""
    key = store_key(report.chain, report.store)
    report_id = derived_id(report.closed_at or occurred_at, key, "day", str(report.number))
    with env.outbox.work("printing") as work:
        setup = read_setup(work, key)
        stations = [station for station in setup.routing.stations if station.kind == "receipt"] if setup else []
        if (
            setup is None
            or not stations
            or not insert_printed_version(work, report_id, report.number or 0, closed=True)
        ):
            return
        ticket = ticket_of_day(report, store=setup.name, timezone=setup.timezone, language=stations[0].language)
        deadline = occurred_at + setup.routing.patience_for(TicketKind.DAY_REPORT)
        job = NewJob(ticket, stations[0].printer, deadline, stations[0].id, id=report_id)
        Shift(env, work, setup, env.clock()).print_now([job])
