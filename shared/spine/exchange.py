"""Statements on their way to the server, and their results.

A statement whose result is not needed yet waits for the next one. Both leave in one write, and the server answers them
in their order. So they cost one round trip. A server reads its connection a statement at a time, so no multi-statements
are needed. COMMIT goes alone, when all before it have succeeded. The end of a transaction that keeps nothing leaves
with its last SELECT.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import pymysql
from pymysql.connections import MySQLResult
from pymysql.constants import COMMAND, ER, SERVER_STATUS

from shared.spine.statement_text import Literal, literal_by, literal_without_backslashes

# After each deadlock at least one of those that wait for each other goes on.
DEADLOCKS_AT_MOST = 20
# A longer statement is one of several packets: it goes alone.
LONGEST_TOGETHER = 4_000_000

Failed = Callable[[pymysql.err.MySQLError], None]


COMMIT: tuple[str, Failed | None] = ("COMMIT", None)
ROLLBACK: tuple[str, Failed | None] = ("ROLLBACK", None)


class Done(NamedTuple):
    """The result of a statement that gives no rows. `insert_id` is the value of LAST_INSERT_ID."""

    affected_rows: int
    insert_id: int
    field_count: int = 0


class Exchange:
    """The statements of one connection. It writes several in one go by inner functions of PyMySQL, which is pinned."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._waiting: list[tuple[str, Failed | None]] = []
        self._is_first = True
        self._must_end = False
        self.has_ended = False
        self.last_id = 0

    @property
    def literal(self) -> Literal:
        """Writes a value for a statement of this session."""
        if self.connection.server_status & SERVER_STATUS.SERVER_STATUS_NO_BACKSLASH_ESCAPES:
            return literal_without_backslashes
        return literal_by(self.connection.escape)

    def begin(self) -> None:
        """The next statement is the first of a transaction."""
        self._waiting = []
        self._is_first, self._must_end, self.has_ended = True, False, False

    def later(self, text: str, failed: Failed | None = None) -> None:
        """Send this with the next statement. `failed` may raise another exception for its failure.

        Those behind a failed statement run all the same, so the transaction can only be rolled back.
        """
        self._waiting.append((text, failed))

    def send(self, text: str) -> Any:
        """The result of a statement. Raises MySQLError for the first failure, its own or of one that waited."""
        return self._results([*self._waiting, (text, None)])[-1]

    def read_and_roll_back(self, text: str) -> Any:
        """The result of a SELECT, and the end of its transaction, in one round trip. Waiting statements end."""
        self._waiting = []
        result = self._results([(text, None), ROLLBACK])[0]
        self.has_ended = True
        return result

    def flush(self) -> None:
        """Send what waits."""
        if self._waiting:
            self._results(self._waiting)

    def commit(self) -> None:
        """Send what waits, and commit when all of it has succeeded. A transaction that has ended needs nothing."""
        self.flush()
        if self.has_ended:
            return
        if self._must_end:
            raise RuntimeError("a statement failed that others had left with: roll back")
        self._results([COMMIT])

    def _results(self, train: Sequence[tuple[str, Failed | None]]) -> list[Any]:
        """The result of each. All are read before the first failure is raised: the connection stays in step.

        A deadlock of a transaction's first statement takes no work with it, so the train is sent again.
        """
        again = DEADLOCKS_AT_MOST if self._is_first and train[0][1] else 0
        self._waiting, self._is_first, self.has_ended = [], False, False
        results = self._sent(train)
        while again and _is_deadlock(results[0]):
            self.connection.rollback()
            results, again = self._sent(train), again - 1
        for (_, failed), result in zip(train, results, strict=True):
            if isinstance(result, pymysql.err.MySQLError):
                self._must_end = len(train) > 1
                if failed:
                    failed(result)
                raise result
        self.last_id = results[-1].insert_id or 0
        return results

    def _sent(self, train: Sequence[tuple[str, Failed | None]]) -> list[Any]:
        texts = [text.encode() for text, _ in train]
        if not getattr(self.connection, "pipelining", True) or sum(map(len, texts)) > LONGEST_TOGETHER:
            return [self._alone(text) for text in texts]
        self._write(texts)
        return [self._read() for _ in texts]

    def _alone(self, text: bytes) -> Any:
        try:
            self.connection.query(text)
        except pymysql.err.MySQLError as failure:
            return self._kept(failure)
        return self.connection._result  # noqa: SLF001 - as the class says

    def _write(self, texts: Iterable[bytes]) -> None:
        """As PyMySQL's `_execute_command` for each of them, in one write."""
        connection = self.connection
        if not connection._sock:  # noqa: SLF001 - as the class says
            raise pymysql.err.InterfaceError(0, "")
        packets = [struct.pack("<iB", len(text) + 1, COMMAND.COM_QUERY) + text for text in texts]
        connection._result = None  # noqa: SLF001 - as the class says
        connection._write_bytes(b"".join(packets))  # noqa: SLF001 - as the class says

    def _read(self) -> Any:
        self.connection._next_seq_id = 1  # noqa: SLF001 - as the class says
        try:
            packet = self.connection._read_packet()  # noqa: SLF001 - as the class says
            if packet.is_ok_packet():
                return self._done(packet.get_all_data())
            result: Any = MySQLResult(self.connection)
            result._read_result_packet(packet)  # noqa: SLF001 - as the class says
        except pymysql.err.MySQLError as failure:
            return self._kept(failure)
        return result

    def _done(self, packet: bytes) -> Done:
        """The result in an OK packet. PyMySQL's own reading of it takes four times as long."""
        affected_rows, position = _length_encoded(packet, 1)
        last_id, position = _length_encoded(packet, position)
        (self.connection.server_status,) = struct.unpack_from("<H", packet, position)
        return Done(affected_rows, last_id)

    def _kept(self, failure: pymysql.err.MySQLError) -> pymysql.err.MySQLError:
        """The failure of a statement. That of the connection is raised, because no more results come."""
        if not self.connection.open:
            raise failure
        return failure


def _length_encoded(packet: bytes, position: int) -> tuple[int, int]:
    """(a length-encoded integer of MySQL's protocol, the position behind it)."""
    first = packet[position]
    if first < 251:  # noqa: PLR2004 - the protocol's own bound
        return first, position + 1
    length = {252: 2, 253: 3, 254: 8}[first]
    return int.from_bytes(packet[position + 1 : position + 1 + length], "little"), position + 1 + length


def _is_deadlock(result: Any) -> bool:
    return isinstance(result, pymysql.err.MySQLError) and bool(result.args) and result.args[0] == ER.LOCK_DEADLOCK


def rows_of(result: Any) -> list[dict[str, Any]]:
    """The rows by column. Of two columns with one name the second has its table before it."""
    if not result.field_count:
        return []
    names: list[str] = []
    for column in result.fields:
        names.append(f"{column.table_name}.{column.name}" if column.name in names else column.name)
    return [dict(zip(names, row, strict=True)) for row in result.rows]
