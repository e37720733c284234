"""How a store is set up to print: the store of a path, and its revision."""

from functions.printing.tables.printers import Printer, read_printers
from functions.printing.tables.setups import Setup, read_setup
from shared.contracts.models import Query
from shared.contracts.stores import StoreReference, find_store
from shared.kit.revision import require_match
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call


class StorePath(Query):
    """A store by its id, or `chain:store`."""

    store: StoreReference


def setup_for(call: Call, transaction: Transaction, reference: str, right: str, *, lock: bool = False) -> Setup:
    """How a store prints, where the caller has the right to it. Raises `NotFound`, `Rejected` (403, or ambiguous)."""
    scope = find_store(transaction, call.client, reference)
    setup = read_setup(transaction, scope.key, lock=lock)
    if setup is None:
        raise NotFound("unknown_store", f"there is no store {reference}")
    call.client.require(right, setup.scope)
    return setup


def setup_to_change(call: Call, transaction: Transaction, path: StorePath) -> Setup:
    """The store, locked, at the revision that the caller has seen."""
    setup = setup_for(call, transaction, path.store, "printing:write", lock=True)
    require_match(call, setup.revision)
    return setup


def require_printer(transaction: Transaction, setup: Setup, printer: str) -> Printer:
    """The store's printer. Raises `NotFound`."""
    found = read_printers(transaction, setup.store_id).get(printer)
    if found is None:
        raise NotFound("unknown_printer", f"there is no printer {printer} in this store")
    return found
