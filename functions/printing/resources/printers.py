"""HTTP /v1/printing/stores/{store}/printers → the printers of a store, their settings and their states."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from functions.printing.jobs import actions
from functions.printing.jobs.store_names import names_of
from functions.printing.resources.jobs import document_of
from functions.printing.resources.setup import StorePath, require_printer, setup_for, setup_to_change, shift_for
from functions.printing.tables.agents import read_agent
from functions.printing.tables.fleet import (
    Waiting,
    read_open_jobs,
)
from functions.printing.tables.printers import Printer, read_printers, update_printer_settings
from functions.printing.tables.printers import delete_printer as delete_printer_row
from functions.printing.tables.setups import Setup, insert_setup, read_setup, update_revision
from functions.printing.ticket.raster import logo
from functions.printing.ticket.records import Profile
from shared.contracts.models import Input, Output
from shared.contracts.text import Id
from shared.kit.revision import tag_headers
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, Rejected
from shared.spine.http import Call, Reply


class PrinterPath(StorePath):
    """A printer of a store, by its name in the agent's settings."""

    printer: Id


class PrinterProfile(Profile):
    """A printer's profile in a request: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class PrinterIn(Input):
    """The settings of a printer, and the backup for its jobs."""

    profile: PrinterProfile
    backup: Id | None = None


class PrinterState(Output):
    """A printer as its agent reported it last. `state` is null before the first report.

    `can_print`: no trouble was reported, and the agent is on line. `open_jobs` wait for it or are at its agent.
    """

    id: str
    can_print: bool
    state: str | None
    paper: str | None
    cover: str | None
    error: str | None
    proof: str | None
    trouble: Annotated[str | None, Field(description="`other_printer`: another printer answers at its address.")] = None
    reported_at: datetime | None
    changed_at: datetime | None
    open_jobs: int
    oldest_at: datetime | None


class PrinterDocument(PrinterState):
    """A printer with its state and settings."""

    profile: PrinterProfile
    backup: str | None


class PrinterPage(Output):
    """The printers of a store. `revision` is the revision of the setup, for If-Match."""

    chain: str
    store: str
    revision: int
    printers: list[PrinterDocument]


def list_printers(call: Call, path: StorePath) -> Reply:
    """The printers of a store: settings and states."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        return Reply(_page(call, transaction, setup))


def put_printer(call: Call, path: PrinterPath, body: PrinterIn) -> Reply:
    """Make a printer, or replace its settings. A printer that an agent or a station names exists without this."""
    _require_logo(body)
    with call.once() as (work, kept):
        setup = setup_to_change(call, work, path)
        insert_setup(work, setup.store_id)
        update_printer_settings(work, setup.store_id, path.printer, body.profile, body.backup)
        update_revision(work, setup.store_id)
        page = _page(call, work, setup)
        [kept.reply] = [printer.model_dump_json() for printer in page.printers if printer.id == path.printer]
    return Reply(kept.reply, headers=tag_headers(setup.revision + 1))


def delete_printer(call: Call, path: PrinterPath) -> Reply:
    """Delete a printer that no station, printer or job needs. The reply has the remaining printers."""
    with call.once() as (work, kept):
        setup = setup_to_change(call, work, path)
        require_printer(work, setup, path.printer)
        _require_unused(work, setup, path.printer)
        delete_printer_row(work, setup.store_id, path.printer)
        update_revision(work, setup.store_id)
        kept.reply = _page(call, work, setup).model_dump_json()
    return Reply(kept.reply, headers=tag_headers(setup.revision + 1))


def print_test_page(call: Call, path: PrinterPath) -> Reply:
    """Print a page that shows the printer's settings."""
    with call.once() as (work, kept):
        shift = shift_for(call, work, path.store, "printing:operate")
        profile = require_printer(work, shift.setup, path.printer).profile
        about = [f"{profile.encoding}, {profile.dots} dots", f"asked for by {call.client.id}"]
        job = actions.print_test_page(shift, path.printer, about)
        kept.status, kept.reply = 201, document_of(job).model_dump_json()
    return Reply(kept.reply, kept.status)


def _require_logo(body: PrinterIn) -> None:
    """Refuse a logo that cannot be drawn: every receipt would fail."""
    if body.profile.logo is None:
        return
    try:
        logo(body.profile.logo, body.profile.dots)
    except Exception as failure:
        raise Rejected("logo_unreadable", "the logo is not a PNG with at most 4 million pixels") from failure


def _require_unused(transaction: Transaction, setup: Setup, printer: str) -> None:
    store = setup.store_id
    stations = [station.id for station in setup.routing.stations if printer in (station.printer, station.backup)]
    backed_up = [record.id for record in read_printers(transaction, store).values() if record.backup == printer]
    waiting = read_open_jobs(transaction, [store]).get((store, printer), Waiting()).jobs
    if stations or backed_up or waiting:
        used = {"stations": stations, "printers": backed_up, "jobs": waiting}
        raise Conflict("printer_in_use", "stations, printers or jobs use this printer", extensions=used)


def _page(call: Call, transaction: Transaction, setup: Setup) -> PrinterPage:
    now, store = call.env.clock(), setup.store_id
    waiting = read_open_jobs(transaction, [store])
    online = agent_online(transaction, setup, now)
    printers = [
        PrinterDocument(
            **printer_fields(printer, waiting.get((store, printer.id), Waiting()), online=online),
            profile=PrinterProfile.model_construct(**dict(printer.profile)), backup=printer.backup,
        )
        for printer in read_printers(transaction, store).values()
    ]  # fmt: skip
    fresh = read_setup(transaction, store)
    return PrinterPage(**names_of(store), revision=fresh.revision if fresh else setup.revision, printers=printers)


def agent_online(transaction: Transaction, setup: Setup, now: datetime) -> bool:
    """Whether the agent that prints in the store is on line."""
    agent = read_agent(transaction, setup.printing_agent) if setup.printing_agent else None
    return agent is not None and agent.revoked_at is None and agent.online(now)


def printer_fields(printer: Printer, waiting: Waiting, *, online: bool) -> dict[str, Any]:
    """The fields of `PrinterState`. A report of an agent that is off line does not count for `can_print`."""
    reported = {
        name: getattr(printer, name)
        for name in ("id", "state", "paper", "cover", "error", "proof", "trouble", "reported_at", "changed_at")
    }
    can_print = online and printer.state is not None and printer.can_print
    return reported | {"can_print": can_print, "open_jobs": waiting.jobs, "oldest_at": waiting.oldest_at}
