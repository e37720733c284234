"""The life of a page's connection: admitted by a ticket, watching, closed when its session has ended."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from functions.console.live import frames
from functions.console.live.topics import TOPICS
from functions.console.live.watch import Watch, Wish, watch_of
from functions.console.tables.live import (
    Viewer,
    delete_connections,
    delete_ticket,
    insert_connection,
    lock_viewer,
    read_requests,
    read_surplus,
    replace_watches,
    update_checked,
    update_heard,
)
from functions.console.tables.viewers import read_grants
from shared.spine import log
from shared.spine.auth import Client
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError, Unavailable
from shared.spine.rights import Grant, Reach

RIGHTS = sorted({topic.right for topic in TOPICS})
SESSION_ENDED = "session_ended"
IDLE = "idle"
FORGOTTEN = "forgotten"
TOO_MANY = "too_many"
# Each costs every change of its chain a push. A person has some tabs on some devices.
MOST_OF_CLIENT = 20


def admit_with(transaction: Transaction, ticket: str, connection: str, now: datetime) -> list[str] | None:
    """Store the connection of a good ticket and use the ticket up. None for any other ticket.

    The client's connections beyond `MOST_OF_CLIENT` are returned, to be closed: the oldest go.
    """
    viewer = delete_ticket(transaction, ticket, now)
    if viewer is None:
        return None
    insert_connection(transaction, connection, viewer, now)
    return read_surplus(transaction, viewer.client, MOST_OF_CLIENT)


def watch(
    transaction: Transaction, connection: str, wishes: Sequence[Wish] | None, now: datetime, *, heard: bool = True
) -> str | None:
    """Watch these topics, None for those of before. The answer for the page, if its frame was `heard`.

    Session and rights are read each time. Empty for a connection whose session has ended: see `close`. None for one
    that was forgotten, because it missed heads or was silent.
    """
    viewer = lock_viewer(transaction, connection)
    if viewer is None:
        return None
    grants = read_grants(transaction, viewer, now)
    if grants is None:
        return ""
    wanted = wishes_of(transaction, connection) if wishes is None else wishes
    granted = [(wish, watch_of(wish, _reaches(viewer, grants))) for wish in wanted]
    replace_watches(transaction, connection, [_row(wish, grant) for wish, grant in granted if grant.limits])
    (update_heard if heard else update_checked)(transaction, connection, now)
    return frames.watching([(wish, list(grant.limits)) for wish, grant in granted], now)


def wishes_of(transaction: Transaction, connection: str) -> list[Wish]:
    """The wishes that the page sent before."""
    documents = map(json.loads, read_requests(transaction, connection))
    return [
        Wish(
            document["chain"],
            None if document["stores"] is None else tuple(document["stores"]),
            tuple(document["topics"]),
        )
        for document in documents
    ]


def close(env: Environment, connections: Sequence[str], code: str) -> None:
    """Forget the connections, then say why and hang up. A gateway that does not answer closes them later itself."""
    if not connections:
        return
    with env.db.transaction() as transaction:
        delete_connections(transaction, connections)
    for connection in connections:
        try:
            if env.aws.push(connection, frames.bye(code)):
                env.aws.hang_up(connection)
        except DumbwaiterError as failure:
            log.logger().warning("connection not closed", extra={"connection": connection, "error": str(failure)})


def hang_up(env: Environment, connections: Sequence[str]) -> None:
    """Forget the connections and hang up, so that their pages connect again.

    Once the gateway does not answer, the others end with the next frame of their pages.
    """
    if not connections:
        return
    with env.db.transaction() as transaction:
        delete_connections(transaction, connections)
    for connection in connections:
        try:
            env.aws.hang_up(connection)
        except DumbwaiterError as failure:
            log.logger().warning("connection not closed", extra={"connection": connection, "error": str(failure)})
            if isinstance(failure, Unavailable):
                return


def _reaches(viewer: Viewer, grants: Sequence[Grant]) -> dict[str, Reach]:
    client = Client(viewer.client, grants, (), 1, time.time())
    return {right: client.reach(right) for right in RIGHTS}


def _row(wish: Wish, grant: Watch) -> tuple[str, str, str]:
    return wish.chain, json.dumps(asdict(wish), separators=(",", ":")), grant.stored()
