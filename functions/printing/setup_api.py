"""How a store prints, as head office sets it: routing with its stations, and printers, under one revision."""

from http import HTTPStatus

from functions.printing import store as sql
from functions.printing import store_fleet
from functions.printing.actions import test_page
from functions.printing.documents import PrinterDocument, PrinterIn, PrinterPage, PrinterPath, PrinterProfile, StorePath
from functions.printing.documents_jobs import document_of
from functions.printing.fleet import agent_online, printer_members
from functions.printing.places import names_of
from functions.printing.raster import logo
from functions.printing.routing import Routing
from functions.printing.store import Printer, Setup
from functions.printing.store_fleet import Waiting
from shared.contracts.stores import find_store
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply


def setup_for(call: Call, transaction: Transaction, reference: str, right: str, *, lock: bool = False) -> Setup:
    """How a store prints, where the caller has the right to it. Raises `NotFound`, `Rejected` (403, or ambiguous)."""
    place = find_store(transaction, call.client, reference)
    setup = sql.read_setup(transaction, place.key, lock=lock)
    if setup is None:
        raise NotFound("unknown_store", f"there is no store {reference}")
    call.client.require(right, setup.place)
    return setup


def get_routing(call: Call, path: StorePath) -> Reply:
    """How a store prints: its stations, when, and how long tickets are good."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
    tags = [tag.strip().removeprefix("W/") for tag in call.headers.get("If-None-Match", "").split(",")]
    if "*" in tags or f'"{setup.revision}"' in tags:
        return Reply(status=304, headers=_etag(setup.revision))
    return Reply(setup.routing, headers=_etag(setup.revision))


def put_routing(call: Call, path: StorePath, body: Routing) -> Reply:
    """Replace how a store prints; jobs that exist stay where they are."""
    with call.once() as (work, kept):
        setup = _to_change(call, work, path)
        sql.keep_routing(work, setup.place.key, body)
        kept.reply = body.model_dump_json()
    return Reply(kept.reply, headers=_etag(setup.revision + 1))


def list_printers(call: Call, path: StorePath) -> Reply:
    """A store's printers: settings, and what their agent says of them."""
    with call.env.db.transaction() as transaction:
        setup = setup_for(call, transaction, path.store, "printing:read")
        return Reply(_page(call, transaction, setup))


def put_printer(call: Call, path: PrinterPath, body: PrinterIn) -> Reply:
    """Make a printer, or replace its settings. One that an agent names, or a station, is there without this."""
    _require_logo(body)
    with call.once() as (work, kept):
        setup = _to_change(call, work, path)
        sql.add_setup(work, setup.place.key)
        sql.keep_printer(work, setup.place.key, path.printer, body.profile, body.backup)
        store_fleet.bump(work, setup.place.key)
        page = _page(call, work, setup)
        [kept.reply] = [one.model_dump_json() for one in page.printers if one.id == path.printer]
    return Reply(kept.reply, headers=_etag(setup.revision + 1))


def delete_printer(call: Call, path: PrinterPath) -> Reply:
    """Forget a printer that no station, no other printer and no job needs any more; those that are left."""
    with call.once() as (work, kept):
        setup = _to_change(call, work, path)
        require_printer(work, setup, path.printer)
        _require_unused(work, setup, path.printer)
        sql.drop_printer(work, setup.place.key, path.printer)
        store_fleet.bump(work, setup.place.key)
        kept.reply = _page(call, work, setup).model_dump_json()
    return Reply(kept.reply, headers=_etag(setup.revision + 1))


def print_test_page(call: Call, path: PrinterPath) -> Reply:
    """Print a page that says what the printer is."""
    with call.once() as (work, kept):
        setup = setup_for(call, work, path.store, "printing:operate")
        profile = require_printer(work, setup, path.printer).profile
        about = [f"{profile.encoding}, {profile.dots} dots", f"asked for by {call.client.id}"]
        job = test_page(call.env, work, setup, path.printer, about)
        kept.status, kept.reply = 201, document_of(job).model_dump_json()
    return Reply(kept.reply, kept.status)


def require_printer(transaction: Transaction, setup: Setup, printer: str) -> Printer:
    """The store's printer. Raises `NotFound`."""
    found = sql.printers(transaction, setup.place.key).get(printer)
    if found is None:
        raise NotFound("unknown_printer", f"there is no printer {printer} in this store")
    return found


def _to_change(call: Call, transaction: Transaction, path: StorePath) -> Setup:
    """The store, locked, at the revision that the caller has seen."""
    setup = setup_for(call, transaction, path.store, "printing:write", lock=True)
    wanted = call.headers.get("If-Match")
    if wanted not in (None, "*", f'"{setup.revision}"'):
        raise Conflict("changed", "how the store prints has changed since", status=HTTPStatus.PRECONDITION_FAILED)
    return setup


def _require_logo(body: PrinterIn) -> None:
    """A logo that nobody can draw would fail every receipt."""
    if body.profile.logo is None:
        return
    try:
        logo(body.profile.logo, body.profile.dots)
    except Exception as failure:
        raise Rejected(
            "logo_unreadable", "the logo is no PNG that can be drawn, or has over 4 million pixels"
        ) from failure


def _require_unused(transaction: Transaction, setup: Setup, printer: str) -> None:
    store = setup.place.key
    stations = [one.id for one in setup.routing.stations if printer in (one.printer, one.backup)]
    others = [one.id for one in sql.printers(transaction, store).values() if one.backup == printer]
    waiting = store_fleet.open_by_printer(transaction, [store]).get((store, printer), Waiting()).jobs
    if stations or others or waiting:
        used = {"stations": stations, "printers": others, "jobs": waiting}
        raise Conflict("printer_in_use", "something prints there, or is to", members=used)


def _page(call: Call, transaction: Transaction, setup: Setup) -> PrinterPage:
    now, store = call.env.clock(), setup.place.key
    waiting = store_fleet.open_by_printer(transaction, [store])
    online = agent_online(transaction, setup, now)
    printers = [
        PrinterDocument(
            **printer_members(one, waiting.get((store, one.id), Waiting()), online=online),
            profile=PrinterProfile.model_construct(**dict(one.profile)), backup=one.backup,
        )
        for one in sql.printers(transaction, store).values()
    ]  # fmt: skip
    fresh = sql.read_setup(transaction, store)
    return PrinterPage(**names_of(store), revision=fresh.revision if fresh else setup.revision, printers=printers)


def _etag(revision: int) -> dict[str, str]:
    return {"ETag": f'"{revision}"', "Cache-Control": "private, no-cache"}
