"""The database: one connection per execution environment, and none that leaks.

A connection is the scarcest resource of a chain. It is opened at first use, and checked before it is used after a rest.
A failure that leaves its state in doubt closes it. The server closes the connection of an environment that was frozen
or killed, because a frozen environment runs no code.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.constants import CR, ER
from pymysql.cursors import DictCursor

from shared.spine.errors import Misconfigured, Unavailable
from shared.spine.exchange import Exchange, rows_of
from shared.spine.statement_text import Values, insert_texts, statement_text

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
# Of MariaDB, and of others. One statement sets all, because a function that rests loses its connection.
_MARIADB_ISOLATION = ", tx_isolation='READ-COMMITTED'"
_ISOLATION = ", transaction_isolation='READ-COMMITTED'"
_AUTOCOMMIT = ", autocommit="
_SAME_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"  # the next one's alone

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


class Locked(Unavailable):
    """Another transaction locked a row for longer than `LOCK_WAIT`."""


class Deadlock(Locked):
    """Two transactions waited for each other; the server has rolled this one back."""


class _Connection(Connection):
    """A connection that knows whether its server takes statements before it has answered earlier ones."""

    pipelining = True


def connect(secret: Mapping[str, Any], *, autocommit: bool | None = None) -> Connection:
    """A connection by a secret in the form of RDS: host, port, username, password, dbname.

    `autocommit` None leaves it as the server's.

    `ca` is the path of the certificates that verify the server. `tls` false is for a server on the loopback interface.

    Without either it is encrypted where the server can, unverified. `pipelining` false is for a proxy or server that
    takes no statement before it has answered earlier ones. Raises `Unavailable` or `Misconfigured`.
    """
    tls: dict[str, Any] = {}
    if "ca" in secret:
        tls = {"ssl_ca": secret["ca"], "ssl_verify_cert": True, "ssl_verify_identity": True}
    elif secret.get("tls") is False:
        # PyMySQL would load every certificate of the system first: 30 to 50 ms, ten times the rest of connecting.
        tls = {"ssl_disabled": True}
    try:
        connection = _Connection(
            host=secret["host"],
            port=int(secret["port"]),
            user=secret["username"],
            password=secret["password"],
            database=secret["dbname"],
            charset="utf8mb4",
            cursorclass=DictCursor,
            autocommit=None,  # set with the rest of the session
            connect_timeout=3,
            read_timeout=10,
            write_timeout=10,
            **tls,
        )
        with connection.cursor() as cursor:
            version = connection.get_server_info()  # type: ignore[no-untyped-call]  # its stubs leave it out
            cursor.execute(_session_of(version, autocommit))
        # Aurora MySQL 2, which calls itself 5.7, never answers (mysql-net/MySqlConnector#1088).
        connection.pipelining = secret.get("pipelining") is not False and not version.startswith("5.7")
    except pymysql.err.MySQLError as failure:
        raise _translated(failure) from failure
    return connection


def _session_of(server_version: str, autocommit: bool | None) -> str:  # noqa: FBT001 - as `connect`
    isolation = _MARIADB_ISOLATION if "MariaDB" in server_version else _ISOLATION
    return _SESSION + isolation + ("" if autocommit is None else f"{_AUTOCOMMIT}{autocommit:d}")


class Transaction:
    """Statements inside one transaction. Every statement is one round trip, unless it waits for the next."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @property
    def connection(self) -> Connection:
        """The connection itself."""
        connection: Connection = self.exchange.connection
        return connection

    def execute(self, statement: str, values: Values = ()) -> int:
        """Rows affected, as MySQL counts them. Raises `Duplicate`, `Locked` or `EmptyList`."""
        return int(self._result(statement_text(statement, values, self.exchange.literal)).affected_rows)

    def execute_with_next(
        self, statement: str, values: Values, failed: Callable[[Exception], None] | None = None
    ) -> None:
        """Send this statement in one round trip with the next one, or before the COMMIT.

        Where it fails the next one raises: what `failed` makes of it, else the same as `execute`. The caller must not
        go on in this transaction then.
        """
        text = statement_text(statement, values, self.exchange.literal)
        self.exchange.later(text, (lambda failure: failed(_translated(failure))) if failed else None)

    def execute_many(self, statement: str, rows: Iterable[Values]) -> int:
        """One INSERT with all rows, in as few packets as any server takes. Raises like `execute`."""
        return sum([self._result(text).affected_rows for text in insert_texts(statement, rows, self.exchange.literal)])

    def execute_many_with_next(self, statement: str, rows: Iterable[Values]) -> None:
        """The same as `execute_many`, sent as `execute_with_next`."""
        for text in insert_texts(statement, rows, self.exchange.literal):
            self.exchange.later(text)

    def rows(self, statement: str, values: Values = ()) -> list[Row]:
        """All rows of a SELECT. Raises `Locked` or `EmptyList`."""
        return rows_of(self._result(statement_text(statement, values, self.exchange.literal)))

    def row(self, statement: str, values: Values = ()) -> Row | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(statement, values)), None)

    def last_row(self, statement: str, values: Values = ()) -> Row | None:
        """The first row of a SELECT that ends a transaction of which nothing is kept: both are one round trip."""
        text = statement_text(statement, values, self.exchange.literal)
        try:
            return next(iter(rows_of(self.exchange.read_and_roll_back(text))), None)
        except pymysql.err.MySQLError as failure:
            raise _translated(failure) from failure

    def last_id(self) -> int:
        """The value of LAST_INSERT_ID() after the last statement. It costs no round trip."""
        return self.exchange.last_id

    def send_waiting(self) -> None:
        """Send what waits for the next statement. Raises as that would."""
        try:
            self.exchange.flush()
        except pymysql.err.MySQLError as failure:
            raise _translated(failure) from failure

    def _result(self, text: str) -> Any:
        try:
            return self.exchange.send(text)
        except pymysql.err.MySQLError as failure:
            raise _translated(failure) from failure


class Database:
    """The environment's one connection, handed out a transaction at a time."""

    def __init__(self, open_connection: Callable[[bool], Connection]) -> None:
        """`open_connection` takes the autocommit of the first use."""
        self._open = open_connection
        self._exchange: Exchange | None = None
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
        exchange = self._ready(autocommit)
        connection: Connection = exchange.connection
        self._at_work = True
        try:
            connection.autocommit(autocommit)  # costs a round trip where it was not so before
            exchange.begin()
            transaction = Transaction(exchange)
            if first:
                transaction.execute(first)
            yield transaction
            if autocommit:
                exchange.flush()
            else:
                exchange.commit()
        except BaseException as failure:
            translated = _translated(failure) if isinstance(failure, pymysql.err.MySQLError) else failure
            self._settle(exchange, translated)
            if translated is failure:
                raise
            raise translated from failure
        finally:
            self._at_work = False
        self._used_at = time.time()

    def close(self) -> None:
        """Give the connection back; the next transaction opens another."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            with suppress(pymysql.err.MySQLError, OSError):
                exchange.connection.close()

    def _ready(self, autocommit: bool) -> Exchange:  # noqa: FBT001 - as `_work`
        # By the wall clock: the other one may stand still while an environment is frozen.
        rested = time.time() - self._used_at
        if self._exchange is not None and not 0 <= rested <= TRUSTED_FOR:
            try:
                self._exchange.connection.ping(reconnect=False)
            except (pymysql.err.MySQLError, OSError):
                self.close()
        if self._exchange is None:
            self._exchange = Exchange(self._open(autocommit))
        return self._exchange

    def _settle(self, exchange: Exchange, failure: BaseException) -> None:
        """Leave the connection clean, or leave none: an interrupted exchange can't be trusted again."""
        doubtful = not isinstance(failure, Exception) or (
            isinstance(failure, Unavailable | Misconfigured) and not isinstance(failure, Locked)
        )
        if doubtful:
            self.close()
            return
        try:
            if not exchange.has_ended:
                exchange.connection.rollback()
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
