"""The database: one connection per execution environment, and none that leaks.

A connection is the scarcest resource of a chain. It is opened at first use, and checked before it is used after a rest.
A failure that leaves its state in doubt closes it. The server closes the connection of an environment that was frozen
or killed, because a frozen environment runs no code.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CR, ER
from pymysql.cursors import DictCursor

from shared.spine.errors import Misconfigured, Unavailable

Row = dict[str, Any]
if TYPE_CHECKING:
    Connection = pymysql.connections.Connection[DictCursor]  # generic in its stubs alone
else:
    Connection = pymysql.connections.Connection

# Shorter than any function's timeout, so that what a killed function had locked is free before its caller gives up;
# long enough that no statement of a live transaction is ever that far from the one before.
SERVER_GIVES_UP_AFTER = 10
# How long a statement waits for a row that somebody else has locked. A caller can wait that long; longer means trouble.
LOCK_WAIT = 2
# A connection that rested less than this is used without asking: the server gives up later than that.
TRUSTED_FOR = 5.0

# With NO_BACKSLASH_ESCAPES a quote is all that PyMySQL must double in a text; it would take a tenth of an order's time
# to put a backslash before every quotation mark of its JSON.
_SESSION = (
    f"SET SESSION wait_timeout={SERVER_GIVES_UP_AFTER}, innodb_lock_wait_timeout={LOCK_WAIT}, time_zone='+00:00', "
    "group_concat_max_len=1048576, "  # cuts MariaDB's JSON_ARRAYAGG, too, and without an error
    "sql_mode='STRICT_ALL_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,ONLY_FULL_GROUP_BY,NO_BACKSLASH_ESCAPES'"
)
_ISOLATION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
_SAME_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"  # the next one's alone

# Of at most four bytes each: a quarter of the packet that a server takes at least.
MOST_CHARACTERS = 1_000_000
_INSERT = re.compile(r"(.*?\bVALUES\s*)(\(.*?\))((?:\s*ON DUPLICATE\b.*)?\s*)", re.DOTALL)

# What a server says when it is full, starting, stopping or being replaced.
_PASSING = {
    ER.CON_COUNT_ERROR,
    ER.SERVER_SHUTDOWN,
    ER.OPTION_PREVENTS_STATEMENT,
    ER.TOO_MANY_USER_CONNECTIONS,
    1836,  # read-only, of InnoDB
}


# What it says to an account that may not come in; the last two are for a locked one, of MySQL and of MariaDB.
_REFUSALS = {
    ER.ACCESS_DENIED_ERROR,
    ER.DBACCESS_DENIED_ERROR,
    ER.TABLEACCESS_DENIED_ERROR,
    ER.BAD_DB_ERROR,
    3118,
    4151,
}


class Duplicate(Exception):
    """A unique key holds this value already; `key` is the index's name."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class EmptyList(ValueError):
    """A list of a statement has nothing in it: `IN ()` is no SQL, so its caller must not ask."""


class Locked(Unavailable):
    """Another transaction locked a row for longer than `LOCK_WAIT`."""


class Deadlock(Locked):
    """Two transactions waited for each other; the server has rolled this one back."""


def connect(secret: Mapping[str, Any]) -> Connection:
    """A connection by a secret in the form of RDS: host, port, username, password, dbname.

    Its autocommit is the server's.

    `ca` is the path of the certificates that verify the server. `tls` false is for a server on the loopback interface.

    Without either it is encrypted where the server can, unverified. Raises `Unavailable` or `Misconfigured`.
    """
    tls: dict[str, Any] = {}
    if "ca" in secret:
        tls = {"ssl_ca": secret["ca"], "ssl_verify_cert": True, "ssl_verify_identity": True}
    elif secret.get("tls") is False:
        # PyMySQL would load every certificate of the system first: 30 to 50 ms, ten times the rest of connecting.
        tls = {"ssl_disabled": True}
    try:
        connection: Connection = pymysql.connect(
            host=secret["host"],
            port=int(secret["port"]),
            user=secret["username"],
            password=secret["password"],
            database=secret["dbname"],
            charset="utf8mb4",
            cursorclass=DictCursor,
            autocommit=None,  # the first use sets it, unless the server's value suits
            connect_timeout=3,
            read_timeout=10,
            write_timeout=10,
            **tls,
        )
        with connection.cursor() as cursor:
            cursor.execute(_SESSION)
            cursor.execute(_ISOLATION)
    except pymysql.err.MySQLError as failure:
        raise _translated(failure) from failure
    return connection


class Transaction:
    """Statements inside one transaction. Every statement is one round trip."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Rows affected, as MySQL counts them. Raises `Duplicate`, `Locked` or `EmptyList`."""
        _refuse_empty_lists(statement, values)
        with self.connection.cursor() as cursor:
            try:
                return cursor.execute(statement, values)
            except pymysql.err.MySQLError as failure:
                raise _translated(failure) from failure

    def execute_many(self, statement: str, rows: Iterable[Sequence[Any] | Mapping[str, Any]]) -> int:
        """One INSERT with all rows, in as few packets as any server takes. Raises like `execute`.

        Beside `%s` its VALUES may hold what is the same in every row. PyMySQL's `executemany` would then send a
        statement a row, and escape each row once more, which is half of the cost of a row here.
        """
        with self.connection.cursor() as cursor:
            try:
                return sum([cursor.execute(insert) for insert in _inserts(statement, rows, self.connection.escape)])
            except pymysql.err.MySQLError as failure:
                raise _translated(failure) from failure

    def rows(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Row]:
        """All rows of a SELECT. Raises `Locked` or `EmptyList`."""
        _refuse_empty_lists(statement, values)
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(statement, values)
            except pymysql.err.MySQLError as failure:
                raise _translated(failure) from failure
            return list(cursor.fetchall())

    def row(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> Row | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(statement, values)), None)

    def last_id(self) -> int:
        """The value of LAST_INSERT_ID() after the last statement. It costs no round trip."""
        return int(self.connection.insert_id())  # type: ignore[no-untyped-call]  # its stubs leave it out


def _refuse_empty_lists(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> None:
    for value in values.values() if isinstance(values, Mapping) else values:
        if isinstance(value, tuple | list | set | frozenset) and not value:
            raise EmptyList(f"an empty list is no SQL: {statement}")


def _inserts(
    statement: str, rows: Iterable[Sequence[Any] | Mapping[str, Any]], escape: Callable[[Any], str]
) -> Iterator[str]:
    parts = _INSERT.fullmatch(statement)
    if parts is None:
        raise ValueError(f"not an INSERT of VALUES: {statement}")
    head, template, tail = parts.groups()
    for texts in _packets(template % _escaped(row, escape) for row in rows):
        yield head + ",".join(texts) + tail


def _packets(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lists, each short enough for one packet."""
    packet: list[str] = []
    size = 0
    for text in texts:
        if packet and size + len(text) > MOST_CHARACTERS:
            yield packet
            packet, size = [], 0
        packet.append(text)
        size += len(text) + 1
    if packet:
        yield packet


def _escaped(row: Sequence[Any] | Mapping[str, Any], escape: Callable[[Any], str]) -> tuple[str, ...] | dict[str, str]:
    if isinstance(row, Mapping):
        return {name: escape(value) for name, value in row.items()}
    return tuple(map(escape, row))


class Database:
    """The environment's one connection, handed out a transaction at a time."""

    def __init__(self, open_connection: Callable[[], Connection]) -> None:
        self._open = open_connection
        self._connection: Connection | None = None
        self._used_at = 0.0
        self._at_work = False

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Commits at the end of the block, rolls back on any exception.

        Raises `Unavailable` when the database can't be reached or went away. After a commit whose answer was lost
        the caller cannot know its result: callers are retried, and their work is idempotent.
        """
        with self._work(autocommit=False) as transaction:
            yield transaction

    @contextmanager
    def snapshot(self) -> Iterator[Transaction]:
        """A transaction whose SELECTs all see the same moment; for reading alone. One round trip more."""
        with self._work(autocommit=False, first=_SAME_MOMENT) as transaction:
            yield transaction

    @contextmanager
    def statements(self) -> Iterator[Transaction]:
        """The same for statements that each are a transaction: two of them are two round trips, and not three.

        Locks are held by none of them for longer than it takes. Raises as `transaction` does.
        """
        with self._work(autocommit=True) as transaction:
            yield transaction

    @contextmanager
    def _work(self, *, autocommit: bool, first: str | None = None) -> Iterator[Transaction]:
        if self._at_work:
            raise RuntimeError("a transaction within a transaction: its end would commit half of the outer one")
        connection = self._ready()
        self._at_work = True
        try:
            connection.autocommit(autocommit)  # costs a round trip where it was not so before
            transaction = Transaction(connection)
            if first:
                transaction.execute(first)
            yield transaction
            if not autocommit:
                connection.commit()
        except BaseException as failure:
            translated = _translated(failure) if isinstance(failure, pymysql.err.MySQLError) else failure
            self._settle(connection, translated)
            if translated is failure:
                raise
            raise translated from failure
        finally:
            self._at_work = False
        self._used_at = time.time()

    def close(self) -> None:
        """Give the connection back; the next transaction opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(pymysql.err.MySQLError, OSError):
                connection.close()

    def _ready(self) -> Connection:
        # By the wall clock: the other one may stand still while an environment is frozen.
        rested = time.time() - self._used_at
        if self._connection is not None and not 0 <= rested <= TRUSTED_FOR:
            try:
                self._connection.ping(reconnect=False)
            except (pymysql.err.MySQLError, OSError):
                self.close()
        if self._connection is None:
            self._connection = self._open()
        return self._connection

    def _settle(self, connection: Connection, failure: BaseException) -> None:
        """Leave the connection clean, or leave none: an interrupted exchange can't be trusted again."""
        doubtful = not isinstance(failure, Exception) or (
            isinstance(failure, Unavailable | Misconfigured) and not isinstance(failure, Locked)
        )
        if doubtful:
            self.close()
            return
        try:
            connection.rollback()
        except (pymysql.err.MySQLError, OSError):
            self.close()
        self._used_at = time.time()


def _translated(failure: pymysql.err.MySQLError) -> Exception:
    code = failure.args[0] if failure.args else 0
    if code == ER.DUP_ENTRY:
        return Duplicate(str(failure.args[1]).rsplit("'", 2)[-2].rsplit(".", 1)[-1])
    if code in (ER.LOCK_WAIT_TIMEOUT, ER.LOCK_DEADLOCK):
        kind = Deadlock if code == ER.LOCK_DEADLOCK else Locked
        return kind("busy", "somebody else is changing the same thing", retry_after=1)
    if code in _REFUSALS:
        return Misconfigured("database_refused", "the database does not let this function in")
    # 0 is PyMySQL's word for a connection that is closed.
    if code == 0 or code in _PASSING or CR.CR_ERROR_FIRST <= code <= CR.CR_ERROR_LAST:
        return Unavailable("database_unavailable", "the database did not answer", retry_after=1)
    return failure
