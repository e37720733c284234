"""SQL of the table `outlet_robots`: accounts of chat services, with their credentials, token and health."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.outlets.states import RobotState
from shared.contracts.ids import split_key, store_key
from shared.spine.db import Row, Transaction

COLUMNS = """robot_key, kind, settings, credentials, enabled, revision, sequence, not_before, state, failure,
    failing_since, looked_at, token, token_until, answered_at, answer"""
SELECT_ROBOT = f"SELECT {COLUMNS} FROM outlet_robots WHERE robot_key = %(robot)s"  # noqa: S608 - of a constant
LOCK_ROBOT = f"{SELECT_ROBOT} FOR UPDATE"
SELECT_ROBOTS = f"SELECT {COLUMNS} FROM outlet_robots WHERE robot_key IN %(robots)s"  # noqa: S608 - of a constant
SELECT_OF_CHAIN = f"""
    SELECT {COLUMNS} FROM outlet_robots WHERE chain_id = %(chain)s ORDER BY robot_key"""  # noqa: S608 - of a constant
SELECT_TO_LOOK = f"""
    SELECT {COLUMNS} FROM outlet_robots WHERE enabled = 1 AND (looked_at IS NULL OR looked_at <= %(before)s)
    ORDER BY looked_at LIMIT %(limit)s"""  # noqa: S608 - of a constant
INSERT_ROBOT = """
    INSERT INTO outlet_robots (robot_key, chain_id, kind, settings, credentials, enabled, revision, state)
    VALUES (%(robot)s, %(chain)s, %(kind)s, %(settings)s, %(credentials)s, %(enabled)s, 1, 'working')"""
UPDATE_ROBOT = """
    UPDATE outlet_robots
    SET kind = %(kind)s, settings = %(settings)s, credentials = %(credentials)s, enabled = %(enabled)s,
        revision = revision + 1, token = NULL, token_until = NULL, leased_until = NULL, not_before = NULL
    WHERE robot_key = %(robot)s"""
DELETE_ROBOT = "DELETE FROM outlet_robots WHERE robot_key = %(robot)s"
UPDATE_NOT_BEFORE = """
    UPDATE outlet_robots SET not_before = %(until)s
    WHERE robot_key = %(robot)s AND (not_before IS NULL OR not_before < %(until)s)"""
UPDATE_FAILING = """
    UPDATE outlet_robots
    SET state = 'failing', failure = %(failure)s, failing_since = COALESCE(failing_since, %(now)s), looked_at = %(now)s
    WHERE robot_key = %(robot)s"""
UPDATE_WORKING = """
    UPDATE outlet_robots SET state = 'working', failure = NULL, failing_since = NULL, looked_at = %(now)s
    WHERE robot_key = %(robot)s"""
UPDATE_LOOKED = "UPDATE outlet_robots SET looked_at = %(now)s WHERE robot_key = %(robot)s"
UPDATE_ANSWERED = """
    UPDATE outlet_robots SET answered_at = %(now)s, answer = %(answer)s WHERE robot_key IN %(robots)s"""
UPDATE_SEQUENCE = "UPDATE outlet_robots SET sequence = sequence + 1 WHERE robot_key = %(robot)s"
TAKE_LEASE = """
    UPDATE outlet_robots SET leased_until = %(until)s, lease_number = LAST_INSERT_ID(lease_number + 1)
    WHERE robot_key = %(robot)s AND (leased_until IS NULL OR leased_until <= %(now)s)
        AND (token_until IS NULL OR token_until <= %(fresh)s)"""
SET_ACCESS = """
    UPDATE outlet_robots SET token = %(token)s, token_until = %(until)s, leased_until = NULL
    WHERE robot_key = %(robot)s AND revision = %(revision)s AND lease_number = %(lease)s"""
FORGET_ACCESS = "UPDATE outlet_robots SET token = NULL, token_until = NULL WHERE robot_key = %(robot)s"


@dataclass(frozen=True)
class StoredRobot:
    """A robot as it is stored. `credentials` and `token` are encrypted."""

    key: str
    channel: str
    settings: dict[str, str]
    credentials: bytes = field(repr=False)
    enabled: bool
    revision: int
    sequence: int = 0
    not_before: datetime | None = None
    state: RobotState = RobotState.WORKING
    failure: str | None = None
    failing_since: datetime | None = None
    looked_at: datetime | None = None
    token: bytes | None = field(default=None, repr=False)
    token_until: datetime | None = None
    answered_at: datetime | None = None
    answer: str | None = None

    @property
    def chain(self) -> str:
        """The chain that it belongs to."""
        return split_key(self.key)[0]

    @property
    def id(self) -> str:
        """Its name within the chain."""
        return split_key(self.key)[1]


def robot_key(chain: str, robot: str) -> str:
    """The key of a chain's robot: `demo:wecom-1`."""
    return store_key(chain, robot)


def read_robot(transaction: Transaction, key: str) -> StoredRobot | None:
    """One robot."""
    row = transaction.row(SELECT_ROBOT, {"robot": key})
    return robot_of_row(row) if row else None


def lock_robot(transaction: Transaction, key: str) -> StoredRobot | None:
    """One robot, locked."""
    row = transaction.row(LOCK_ROBOT, {"robot": key})
    return robot_of_row(row) if row else None


def read_robots(transaction: Transaction, keys: Collection[str]) -> dict[str, StoredRobot]:
    """These robots by key."""
    rows = transaction.rows(SELECT_ROBOTS, {"robots": tuple(keys)}) if keys else []
    return {row["robot_key"]: robot_of_row(row) for row in rows}


def read_robots_of_chain(transaction: Transaction, chain: str) -> list[StoredRobot]:
    """The robots of a chain."""
    return [robot_of_row(row) for row in transaction.rows(SELECT_OF_CHAIN, {"chain": chain})]


def read_robots_to_look(transaction: Transaction, before: datetime, limit: int) -> list[StoredRobot]:
    """Enabled robots whose health was last looked at before this time."""
    return [robot_of_row(row) for row in transaction.rows(SELECT_TO_LOOK, {"before": before, "limit": limit})]


def insert_robot(transaction: Transaction, robot: StoredRobot) -> None:
    """Store a new robot."""
    transaction.execute(INSERT_ROBOT, _values(robot) | {"chain": robot.chain})


def update_robot(transaction: Transaction, robot: StoredRobot) -> None:
    """Replace the settings of a locked robot. Its token is forgotten."""
    transaction.execute(UPDATE_ROBOT, _values(robot))


def delete_robot(transaction: Transaction, key: str) -> None:
    """Delete a robot."""
    transaction.execute(DELETE_ROBOT, {"robot": key})


def update_not_before(transaction: Transaction, key: str, until: datetime) -> None:
    """Nothing is sent by the robot before `until`."""
    transaction.execute(UPDATE_NOT_BEFORE, {"robot": key, "until": until})


def update_failing(transaction: Transaction, key: str, failure: str, now: datetime) -> None:
    """The robot has lost its login or a right."""
    transaction.execute(UPDATE_FAILING, {"robot": key, "failure": failure[:64], "now": now})


def update_working(transaction: Transaction, key: str, now: datetime) -> None:
    """The robot works."""
    transaction.execute(UPDATE_WORKING, {"robot": key, "now": now})


def update_looked(transaction: Transaction, key: str, now: datetime) -> None:
    """The health of the robot was looked at, and nothing is known."""
    transaction.execute(UPDATE_LOOKED, {"robot": key, "now": now})


def update_answered(transaction: Transaction, keys: Collection[str], answer: str, now: datetime) -> None:
    """The services answered these robots: `accepted`, or a code."""
    transaction.execute(UPDATE_ANSWERED, {"robots": tuple(keys), "answer": answer[:64], "now": now})


def update_sequence(transaction: Transaction, key: str) -> None:
    """One more message about the robot."""
    transaction.execute(UPDATE_SEQUENCE, {"robot": key})


def update_token_leased(
    transaction: Transaction, key: str, fresh: datetime, now: datetime, until: datetime
) -> int | None:
    """The number of the lease with which this worker alone fetches a token until `until`.

    None while another worker has the lease, and while a token lasts beyond `fresh`.
    """
    values = {"robot": key, "fresh": fresh, "now": now, "until": until}
    return transaction.last_id() if transaction.execute(TAKE_LEASE, values) else None


def update_token(transaction: Transaction, robot: StoredRobot, lease: int, token: bytes, until: datetime) -> bool:
    """Store the token of a robot, encrypted. False if the robot was changed meanwhile, or a later lease was given."""
    values = {"robot": robot.key, "revision": robot.revision, "lease": lease, "token": token, "until": until}
    return transaction.execute(SET_ACCESS, values) > 0


def delete_token(transaction: Transaction, key: str) -> None:
    """The service refused the token."""
    transaction.execute(FORGET_ACCESS, {"robot": key})


def _values(robot: StoredRobot) -> dict[str, object]:
    return {
        "robot": robot.key,
        "kind": robot.channel,
        "settings": json.dumps(robot.settings),
        "credentials": robot.credentials,
        "enabled": robot.enabled,
    }


def robot_of_row(row: Row) -> StoredRobot:
    """The robot of a row with `COLUMNS`."""
    return StoredRobot(
        row["robot_key"],
        row["kind"],
        json.loads(row["settings"]),
        bytes(row["credentials"]),
        bool(row["enabled"]),
        row["revision"],
        row["sequence"],
        _utc(row["not_before"]),
        RobotState(row["state"]),
        row["failure"],
        _utc(row["failing_since"]),
        _utc(row["looked_at"]),
        bytes(row["token"]) if row["token"] is not None else None,
        _utc(row["token_until"]),
        _utc(row["answered_at"]),
        row["answer"],
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
