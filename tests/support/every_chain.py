"""A key that may change timers: it has the right over every chain of a stage which other tests have filled, too."""

from ops.clients import Clients
from shared.spine.rights import RIGHTS
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack


def head_office_of_all(stack: Stack, chain: str) -> Caller:
    """Head office of the chain, which also operates the timers of the stage's other chains."""
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT chain_id FROM store_places")
        others = [row[0] for row in cursor.fetchall()]
    grants = [f"{right}@chain:{chain}" for right in sorted(RIGHTS)]
    grants += [f"timers:manage@chain:{other}" for other in others if other != chain]
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    try:
        return Caller(stack.place.http, clients.create("operator", grants, 2_000, ["*:*"]))
    finally:
        clients.close()
