"""How a store is set up to print: the store of a path, and its revision."""

from functions.printing.jobs.shift import Shift
from functions.printing.tables.printers import Printer, read_printers
from functions.printing.tables.setups import Setup, lock_setup, read_setup
from shared.contracts.models import Query
from shared.contracts.stores import StoreReference, find_store
from shared.kit.revision import require_match
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call
from shared.spine.outbox import Work


class StorePath(Query):
    """A store by its id, or by `chain:store`."""

    store: StoreReference


def setup_for(call: Call, transaction: Transaction, reference: str, right: str, *, lock: bool = False) -> Setup:
    """The setup of a store, if the caller has the right. Raises `NotFound`, `Rejected` (403, or an ambiguous id)."""
    store_id = find_store(transaction, call.client, reference).key
    setup = lock_setup(transaction, store_id) if lock else read_setup(transaction, store_id)
    if setup is None:
        raise NotFound("unknown_store", f"there is no store {reference}")
    call.client.require(right, setup.scope)
    return setup


def setup_to_change(call: Call, transaction: Transaction, path: StorePath) -> Setup:
    """The setup, locked, if it has the revision that the caller read."""
    setup = setup_for(call, transaction, path.store, "printing:write", lock=True)
    require_match(call, setup.revision)
    return setup


def require_printer(transaction: Transaction, setup: Setup, printer: str) -> Printer:
    """The store's printer. Raises `NotFound`."""
    record = read_printers(transaction, setup.store_id).get(printer)
    if record is None:
        raise NotFound("unknown_printer", f"there is no printer {printer} in this store")
    return record


def shift_for(call: Call, work: Work, reference: str, right: str, *, lock: bool = False) -> Shift:
    """A shift of the store, if the caller has the right. Raises as `setup_for`."""
    return Shift(call.env, work, setup_for(call, work, reference, right, lock=lock), call.env.clock())
