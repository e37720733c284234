"""The SQL of printing but for its agents: how stores print, their printers, orders, jobs."""

from dataclasses import dataclass

from functions.printing.routing.rules import Routing
from shared.spine.db import Row, Transaction
from shared.spine.rights import Scope

SELECT_SETUP = """
    SELECT p.store_id, p.chain_id, p.region_id, p.store, p.name, p.timezone, s.revision, s.routing, s.printing_agent
    FROM store_places p LEFT JOIN print_stores s ON s.store_id = p.store_id
    WHERE p.store_id = %s"""
LOCK_SETUP = f"{SELECT_SETUP} FOR UPDATE"
INSERT_SETUP = """
    INSERT INTO print_stores (store_id, revision, routing) VALUES (%s, 1, %s)
    ON DUPLICATE KEY UPDATE store_id = print_stores.store_id"""
UPSERT_ROUTING = """
    INSERT INTO print_stores (store_id, revision, routing) VALUES (%s, 1, %s)
    ON DUPLICATE KEY UPDATE revision = print_stores.revision + 1, routing = %s"""
UPDATE_PRINTING_AGENT = "UPDATE print_stores SET printing_agent = %s WHERE store_id = %s"


@dataclass(frozen=True)
class Setup:
    """A store as printing sees it; `routing` has the defaults where nobody has set any."""

    scope: Scope
    name: str
    timezone: str
    revision: int
    routing: Routing
    printing_agent: str | None

    @property
    def store_id(self) -> str:
        """The store's id that is unique over all chains, as the tables hold it."""
        return self.scope.key


def read_setup(transaction: Transaction, store_id: str) -> Setup | None:
    """The setup of a store. None where the store does not exist."""
    row = transaction.row(SELECT_SETUP, (store_id,))
    return _setup_from_row(row) if row else None


def lock_setup(transaction: Transaction, store_id: str) -> Setup | None:
    """As `read_setup`, locked. A transaction locks it before the store's agents."""
    row = transaction.row(LOCK_SETUP, (store_id,))
    return _setup_from_row(row) if row else None


def _setup_from_row(row: Row) -> Setup:
    routing = Routing.model_validate_json(row["routing"]) if row["routing"] else Routing()
    scope = Scope(row["chain_id"], row["region_id"], row["store"])
    return Setup(scope, row["name"], row["timezone"], row["revision"] or 0, routing, row["printing_agent"])


def insert_setup(transaction: Transaction, store_id: str) -> None:
    """The defaults, where nobody has set any yet."""
    transaction.execute(INSERT_SETUP, (store_id, Routing().model_dump_json()))


def update_routing(transaction: Transaction, store_id: str, routing: Routing) -> None:
    """The revision grows."""
    document = routing.model_dump_json()
    transaction.execute(UPSERT_ROUTING, (store_id, document, document))


def update_printing_agent(transaction: Transaction, store_id: str, agent_id: str | None) -> None:
    """Name the agent that prints."""
    transaction.execute(UPDATE_PRINTING_AGENT, (agent_id, store_id))
