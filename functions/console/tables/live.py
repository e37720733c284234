"""SQL of live connections: tickets, connections, and what each connection watches."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.spine.db import Row, Transaction

INSERT_TICKET = """
    INSERT INTO live_tickets (ticket_hash, client_id, session_id, expires_at)
    VALUES (%(ticket_hash)s, %(client)s, %(session)s, %(expires_at)s)"""
DELETE_OLD_TICKETS = "DELETE FROM live_tickets WHERE expires_at < %(now)s LIMIT 100"
SELECT_TICKET = """
    SELECT client_id, session_id FROM live_tickets
    WHERE ticket_hash = %(ticket_hash)s AND expires_at > %(now)s"""
# Of two connections with one ticket, the one that deletes it is admitted.
DELETE_TICKET = "DELETE FROM live_tickets WHERE ticket_hash = %(ticket_hash)s"
INSERT_CONNECTION = """
    INSERT INTO live_connections (id, client_id, session_id, opened_at, heard_at, checked_at)
    VALUES (%(id)s, %(client)s, %(session)s, %(now)s, %(now)s, %(now)s)"""
SELECT_OF_CLIENT = """
    SELECT id FROM live_connections WHERE client_id = %(client)s
    ORDER BY opened_at DESC, id DESC LIMIT 100 OFFSET %(most)s"""
LOCK_CONNECTION = "SELECT id, client_id, session_id FROM live_connections WHERE id = %(id)s FOR UPDATE"
UPDATE_HEARD = "UPDATE live_connections SET heard_at = %(now)s, checked_at = %(now)s WHERE id = %(id)s"
UPDATE_CHECKED = "UPDATE live_connections SET checked_at = %(now)s WHERE id = %(id)s"
DELETE_CONNECTIONS = "DELETE FROM live_connections WHERE id IN %(ids)s"
DELETE_WATCHES = "DELETE FROM live_watches WHERE connection_id IN %(ids)s"
INSERT_WATCHES = """
    INSERT INTO live_watches (chain_id, connection_id, request, scopes)
    VALUES (%(chain)s, %(connection)s, %(request)s, %(scopes)s)"""
SELECT_REQUESTS = "SELECT request FROM live_watches WHERE connection_id = %(id)s"
_WATCHERS = """
    SELECT w.chain_id, w.connection_id, w.scopes, c.heard_at, c.checked_at,
        c.session_id IS NOT NULL AND s.id IS NULL AS ended
    FROM live_watches w JOIN live_connections c ON c.id = w.connection_id LEFT JOIN sessions s ON s.id = c.session_id"""
SELECT_WATCHERS = f"{_WATCHERS} WHERE w.chain_id IN %(chains)s"
# A timer changes rarely, and there are no more rows than open pages.
SELECT_ALL_WATCHERS = f"{_WATCHERS} WHERE w.chain_id > ''"
SELECT_REGIONS = "SELECT store_id, region_id FROM store_places WHERE store_id IN %(stores)s"


@dataclass(frozen=True)
class Viewer:
    """The client of a connection. `session` is the session of a person, None for an API client."""

    client: str
    session: str | None


def insert_ticket(transaction: Transaction, ticket: str, viewer: Viewer, expires_at: datetime, now: datetime) -> None:
    """Store a ticket. Tickets that have expired are deleted on the way."""
    transaction.execute(DELETE_OLD_TICKETS, {"now": now - timedelta(minutes=1)})
    values = {"client": viewer.client, "session": viewer.session, "expires_at": expires_at}
    transaction.execute(INSERT_TICKET, values | {"ticket_hash": _hash(ticket)})


def delete_ticket(transaction: Transaction, ticket: str, now: datetime) -> Viewer | None:
    """Use a ticket up. None for a ticket that does not exist, has expired, or was used."""
    values = {"ticket_hash": _hash(ticket), "now": now}
    row = transaction.row(SELECT_TICKET, values)
    if row is None or not transaction.execute(DELETE_TICKET, values):
        return None
    return Viewer(row["client_id"], row["session_id"])


def insert_connection(transaction: Transaction, connection: str, viewer: Viewer, now: datetime) -> None:
    """Store a connection that was admitted."""
    values = {"id": connection, "client": viewer.client, "session": viewer.session, "now": now}
    transaction.execute(INSERT_CONNECTION, values)


def read_surplus(transaction: Transaction, client: str, most: int) -> list[str]:
    """The connections of a client beyond its newest `most`, at most a hundred."""
    rows = transaction.rows(SELECT_OF_CLIENT, {"client": client, "most": most})
    return [row["id"] for row in rows]


def lock_viewer(transaction: Transaction, connection: str) -> Viewer | None:
    """The client of a connection, locked; None for a connection that was closed."""
    row = transaction.row(LOCK_CONNECTION, {"id": connection})
    return Viewer(row["client_id"], row["session_id"]) if row else None


def update_heard(transaction: Transaction, connection: str, now: datetime) -> None:
    """A frame of the page came, and session and rights were read."""
    transaction.execute(UPDATE_HEARD, {"id": connection, "now": now})


def update_checked(transaction: Transaction, connection: str, now: datetime) -> None:
    """Session and rights were read."""
    transaction.execute(UPDATE_CHECKED, {"id": connection, "now": now})


def replace_watches(transaction: Transaction, connection: str, watches: Sequence[tuple[str, str, str]]) -> None:
    """Store what a connection watches: (chain, request, scopes) of each chain."""
    transaction.execute(DELETE_WATCHES, {"ids": (connection,)})
    values = [
        {"chain": chain, "connection": connection, "request": request, "scopes": scopes}
        for chain, request, scopes in watches
    ]
    if values:
        transaction.execute_many(INSERT_WATCHES, values)


def read_requests(transaction: Transaction, connection: str) -> list[str]:
    """The request of each chain that a connection watches."""
    return [row["request"] for row in transaction.rows(SELECT_REQUESTS, {"id": connection})]


def read_watchers(transaction: Transaction, chains: Collection[str]) -> list[Row]:
    """chain_id, connection_id, scopes, heard_at, checked_at of each watch. `ended`: its session is gone."""
    return transaction.rows(SELECT_WATCHERS, {"chains": tuple(chains)}) if chains else []


def read_all_watchers(transaction: Transaction) -> list[Row]:
    """As `read_watchers`, of all chains."""
    return transaction.rows(SELECT_ALL_WATCHERS)


def delete_connections(transaction: Transaction, connections: Collection[str]) -> None:
    """Forget connections and what they watch."""
    if not connections:
        return
    values = {"ids": tuple(connections)}
    transaction.execute(DELETE_WATCHES, values)
    transaction.execute(DELETE_CONNECTIONS, values)


def read_regions(transaction: Transaction, stores: Collection[str]) -> dict[str, str]:
    """The region of each store, by the store's key."""
    rows = transaction.rows(SELECT_REGIONS, {"stores": tuple(stores)}) if stores else []
    return {row["store_id"]: row["region_id"] for row in rows}


def _hash(ticket: str) -> bytes:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).digest()
