"""Changes → heads for the pages that watch them. While no page watches a chain, a batch costs one statement.

Heads are worth nothing later: a page that missed one is hung up on, and reads everything again when it reconnects. So
nothing is retried.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.console.live import frames
from functions.console.live.connections import IDLE, SESSION_ENDED, close, hang_up, watch
from functions.console.live.heads import Change, changes_of
from functions.console.live.watch import Watch
from functions.console.tables.live import delete_connections, read_all_watchers, read_regions, read_watchers
from shared.contracts.messages import Message
from shared.spine import log
from shared.spine.db import Row
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError

# A page sends a frame each minute.
SILENT_AFTER = timedelta(seconds=150)
# Session and rights of a watcher are read again after so long, if its page sends nothing.
CHECKED_EVERY = timedelta(seconds=60)
# After so many seconds of frames that failed the other connections are forgotten. Each ends with its page's next frame.
MOST_SECONDS_LOST = 6.0

Heads = dict[str, list[Mapping[str, Any]]]


def push_messages(messages: Iterable[Message[Any]], env: Environment) -> None:
    """Send the heads of messages whose work is committed. A failure here is logged, and the messages count as done."""
    changes = list(changes_of(messages))
    if not changes:
        return
    try:
        push_changes(changes, env)
    except DumbwaiterError as failure:
        log.logger().warning("heads not sent", extra={"error": str(failure)})
    except Exception as failure:  # noqa: BLE001 - the work is done, and heads are not worth a retry
        log.bug(failure, "heads not sent")


def push_changes(changes: Sequence[Change], env: Environment) -> None:
    """Send the heads to each connection that may see them."""
    chains = None if any(change.is_of_stage for change in changes) else {change.chain for change in changes}
    watchers = _watchers(env, chains)
    if _review(env, watchers):
        watchers = _watchers(env, chains)
    watches = [(row["chain_id"], row["connection_id"], Watch.parse(row["scopes"])) for row in watchers]
    heads = _heads(changes, watches, _regions(env, changes, watches))
    _send(env, {connection: its_heads for connection, its_heads in heads.items() if its_heads})


def _watchers(env: Environment, chains: Collection[str] | None) -> list[Row]:
    """The watches of these chains, or of all chains for None."""
    with env.db.statements() as statements:
        return read_all_watchers(statements) if chains is None else read_watchers(statements, chains)


def _review(env: Environment, watchers: Iterable[Row]) -> bool:
    """Close connections that are silent or whose session has ended. Whether any connection was looked at."""
    now = env.clock()
    by_connection = {row["connection_id"]: row for row in watchers}
    silent = [name for name, row in by_connection.items() if _age(row["heard_at"], now) > SILENT_AFTER]
    due = [name for name, row in by_connection.items() if row["ended"] or _age(row["checked_at"], now) > CHECKED_EVERY]
    ended = [connection for connection in due if connection not in silent and not _renewed(env, connection, now)]
    close(env, silent, IDLE)
    close(env, ended, SESSION_ENDED)
    return bool(silent or due)


def _age(moment: datetime, now: datetime) -> timedelta:
    return now - moment.replace(tzinfo=UTC)


def _renewed(env: Environment, connection: str, now: datetime) -> bool:
    """Read session and rights again. False after the end of the session."""
    with env.db.transaction() as transaction:
        return watch(transaction, connection, None, now, heard=False) != ""


def _regions(
    env: Environment, changes: Iterable[Change], watches: Iterable[tuple[str, str, Watch]]
) -> Mapping[str, str]:
    """The region of each store, where a watcher's right is that of a region."""
    stores = {change.store_key for change in changes if change.store}
    if not stores or not any(watch_.has_regions for _, _, watch_ in watches):
        return {}
    with env.db.statements() as statements:
        return read_regions(statements, stores)


def _heads(changes: Iterable[Change], watches: Sequence[tuple[str, str, Watch]], regions: Mapping[str, str]) -> Heads:
    """The heads for each connection, in the order of the changes."""
    heads: Heads = defaultdict(list)
    for change in changes:
        for chain, connection, watch_ in watches:
            if change.is_of_stage or chain == change.chain:
                heads[connection] += watch_.heads(change.of_chain(chain), regions.get(change.store_key))
    return heads


def _send(env: Environment, heads: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """One frame or few for each connection. A connection that misses its heads ends, so that its page reads again."""
    closed, missed, seconds_lost = [], [], 0.0
    for connection, its_heads in heads.items():
        began = time.monotonic()
        try:
            # A gateway that answers nobody must not use up the time of the batch.
            if seconds_lost > MOST_SECONDS_LOST or not _sent(env, connection, its_heads):
                closed.append(connection)
        except DumbwaiterError as failure:
            log.logger().warning("heads not sent", extra={"connection": connection, "error": str(failure)})
            missed.append(connection)
            seconds_lost += time.monotonic() - began
    if closed:
        with env.db.transaction() as transaction:
            delete_connections(transaction, closed)
    hang_up(env, missed)


def _sent(env: Environment, connection: str, heads: Sequence[Mapping[str, Any]]) -> bool:
    """False for a connection that the gateway has closed. Raises as `push`."""
    return all(env.aws.push(connection, text) for text in frames.changes(heads))
