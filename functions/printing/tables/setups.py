"""The SQL of setups: how a store prints, and which agent prints in it."""

from dataclasses import dataclass

from functions.printing.routing.rules import Routing
from shared.spine.db import Row, Transaction
from shared.spine.rights import Scope

SELECT_SETUP = """
    SELECT p.store_id, p.chain_id, p.region_id, p.store, p.name, p.timezone, s.revision, s.routing, s.printing_agent
    FROM store_places p LEFT JOIN print_stores s ON s.store_id = p.store_id
    WHERE p.store_id = %(store_id)s"""
LOCK_SETUP = f"{SELECT_SETUP} FOR UPDATE"
INSERT_SETUP = """
    INSERT INTO print_stores (store_id, revision, routing) VALUES (%(store_id)s, 1, %(routing)s)
    ON DUPLICATE KEY UPDATE store_id = print_stores.store_id"""
UPSERT_ROUTING = """
    INSERT INTO print_stores (store_id, revision, routing) VALUES (%(store_id)s, 1, %(routing)s)
    ON DUPLICATE KEY UPDATE revision = print_stores.revision + 1, routing = %(routing)s"""
UPDATE_REVISION = "UPDATE print_stores SET revision = revision + 1 WHERE store_id = %(store_id)s"
UPDATE_PRINTING_AGENT = "UPDATE print_stores SET printing_agent = %(agent_id)s WHERE store_id = %(store_id)s"


@dataclass(frozen=True)
class Setup:
    """A store as printing sees it."""

    scope: Scope
    name: str
    timezone: str
    # Grows with each change of routing or printers; 0 before the first.
    revision: int
    # The defaults before the first change.
    routing: Routing
    # The agent that prints; the others of the store stand by.
    printing_agent: str | None

    @property
    def store_id(self) -> str:
        """The store's id that is unique over all chains, as the tables hold it."""
        return self.scope.key


def read_setup(transaction: Transaction, store_id: str) -> Setup | None:
    """The setup of a store. None where the store does not exist."""
    row = transaction.row(SELECT_SETUP, {"store_id": store_id})
    return _setup_from_row(row) if row else None


def lock_setup(transaction: Transaction, store_id: str) -> Setup | None:
    """As `read_setup`, locked. A transaction locks it before the store's agents."""
    row = transaction.row(LOCK_SETUP, {"store_id": store_id})
    return _setup_from_row(row) if row else None


def _setup_from_row(row: Row) -> Setup:
    routing = Routing.model_validate_json(row["routing"]) if row["routing"] else Routing()
    scope = Scope(row["chain_id"], row["region_id"], row["store"])
    return Setup(scope, row["name"], row["timezone"], row["revision"] or 0, routing, row["printing_agent"])


def insert_setup(transaction: Transaction, store_id: str) -> None:
    """Store the default routing of a store that has none."""
    transaction.execute(INSERT_SETUP, {"store_id": store_id, "routing": Routing().model_dump_json()})


def update_routing(transaction: Transaction, store_id: str, routing: Routing) -> None:
    """Store a routing. The revision of the setup grows."""
    transaction.execute(UPSERT_ROUTING, {"store_id": store_id, "routing": routing.model_dump_json()})


def update_revision(transaction: Transaction, store_id: str) -> None:
    """The revision of the setup grows."""
    transaction.execute(UPDATE_REVISION, {"store_id": store_id})


def update_printing_agent(transaction: Transaction, store_id: str, agent_id: str | None) -> None:
    """Store the agent that prints."""
    transaction.execute(UPDATE_PRINTING_AGENT, {"store_id": store_id, "agent_id": agent_id})
