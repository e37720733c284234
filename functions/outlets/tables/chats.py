"""SQL of the table `outlet_chats`: the chats of an outlet, in the order in which they are used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.outlets.states import ChatState
from shared.spine.db import Row, Transaction

COLUMNS = """store_id, place, robot_key, address, state, failure, failing_since, looked_at,
    COALESCE((SELECT enabled FROM outlet_robots r WHERE r.robot_key = outlet_chats.robot_key), 1) AS robot_enabled"""
SELECT_CHATS = f"""
    SELECT {COLUMNS} FROM outlet_chats WHERE store_id IN %(stores)s
    ORDER BY store_id, place"""  # noqa: S608 - of a constant
SELECT_BY_ADDRESS = f"""
    SELECT {COLUMNS} FROM outlet_chats
    WHERE robot_key = %(robot)s AND address = %(address)s ORDER BY store_id"""  # noqa: S608 - of a constant
SELECT_OF_ROBOT = "SELECT 1 FROM outlet_chats WHERE robot_key = %(robot)s LIMIT 1"
SELECT_TO_LOOK = f"""
    SELECT {COLUMNS} FROM outlet_chats WHERE looked_at IS NULL OR looked_at <= %(before)s
    ORDER BY looked_at LIMIT %(limit)s"""  # noqa: S608 - of a constant
INSERT_CHAT = """
    INSERT INTO outlet_chats (store_id, place, robot_key, address, state)
    VALUES (%(store)s, %(place)s, %(robot)s, %(address)s, 'alive')"""
DELETE_CHATS = "DELETE FROM outlet_chats WHERE store_id = %(store)s"
UPDATE_DEAD = """
    UPDATE outlet_chats SET state = 'dead', failure = %(failure)s, failing_since = %(now)s, looked_at = %(now)s
    WHERE robot_key = %(robot)s AND address = %(address)s AND state = 'alive'"""
UPDATE_ALIVE = """
    UPDATE outlet_chats SET state = 'alive', failure = NULL, failing_since = NULL, looked_at = %(now)s
    WHERE robot_key = %(robot)s AND address = %(address)s"""
UPDATE_LOOKED = """
    UPDATE outlet_chats SET looked_at = %(now)s WHERE robot_key = %(robot)s AND address = %(address)s"""
UPDATE_ADDRESS = """
    UPDATE outlet_chats SET address = %(moved_to)s WHERE robot_key = %(robot)s AND address = %(address)s"""


@dataclass(frozen=True)
class Chat:
    """A chat of an outlet. `place` 0 is used first. `address` is the chat's name at the service.

    A robot that is switched off takes no messages, so that the next chat is used.
    """

    store: str
    place: int
    robot: str
    address: str
    state: ChatState = ChatState.ALIVE
    failure: str | None = None
    failing_since: datetime | None = None
    looked_at: datetime | None = None
    robot_enabled: bool = True

    @property
    def is_living(self) -> bool:
        """Whether it takes messages."""
        return self.state is ChatState.ALIVE and self.robot_enabled


def read_chats(transaction: Transaction, stores: Sequence[str]) -> dict[str, list[Chat]]:
    """The chats of these outlets, in the order in which they are used."""
    chats: dict[str, list[Chat]] = {store: [] for store in stores}
    for row in transaction.rows(SELECT_CHATS, {"stores": tuple(stores)}) if stores else []:
        chats[row["store_id"]].append(_chat(row))
    return chats


def read_chats_at(transaction: Transaction, robot: str, address: str) -> list[Chat]:
    """The chats with this address. Several outlets of one owner may share a chat."""
    return [_chat(row) for row in transaction.rows(SELECT_BY_ADDRESS, {"robot": robot, "address": address})]


def read_is_used(transaction: Transaction, robot: str) -> bool:
    """Whether an outlet has a chat of this robot."""
    return transaction.row(SELECT_OF_ROBOT, {"robot": robot}) is not None


def read_chats_to_look(transaction: Transaction, before: datetime, limit: int) -> list[Chat]:
    """Chats that were last looked at before this time."""
    return [_chat(row) for row in transaction.rows(SELECT_TO_LOOK, {"before": before, "limit": limit})]


def update_chats(transaction: Transaction, store: str, chats: Sequence[tuple[str, str]]) -> None:
    """Replace the chats of a locked outlet by these robots and addresses."""
    transaction.execute(DELETE_CHATS, {"store": store})
    if chats:
        rows = [
            {"store": store, "place": place, "robot": robot, "address": address}
            for place, (robot, address) in enumerate(chats)
        ]
        transaction.execute_many(INSERT_CHAT, rows)


def update_dead(transaction: Transaction, robot: str, address: str, failure: str, now: datetime) -> bool:
    """Whether the chat was alive until now."""
    values = {"robot": robot, "address": address, "failure": failure[:64], "now": now}
    return transaction.execute(UPDATE_DEAD, values) > 0


def update_alive(transaction: Transaction, robot: str, address: str, now: datetime) -> None:
    """The chat exists."""
    transaction.execute(UPDATE_ALIVE, {"robot": robot, "address": address, "now": now})


def update_looked(transaction: Transaction, robot: str, address: str, now: datetime) -> None:
    """The chat was looked at, and nothing is known."""
    transaction.execute(UPDATE_LOOKED, {"robot": robot, "address": address, "now": now})


def update_address(transaction: Transaction, robot: str, address: str, moved_to: str) -> None:
    """The service has moved the chat."""
    transaction.execute(UPDATE_ADDRESS, {"robot": robot, "address": address, "moved_to": moved_to})


def _chat(row: Row) -> Chat:
    return Chat(
        row["store_id"],
        row["place"],
        row["robot_key"],
        row["address"],
        ChatState(row["state"]),
        row["failure"],
        row["failing_since"] and row["failing_since"].replace(tzinfo=UTC),
        row["looked_at"] and row["looked_at"].replace(tzinfo=UTC),
        bool(row["robot_enabled"]),
    )
