"""MySQL in place of MariaDB. The tests of a running server are skipped where this machine has no MySQL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from stack import children, mysql
from stack.mariadb import Address, CannotStart, MariaDB
from stack.mysql import MySQL, private_server, server_program, stop_private_servers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MySQL]:
    try:
        server_program()
    except CannotStart as reason:
        pytest.skip(str(reason))
    with MySQL(tmp_path_factory.mktemp("db"), durable=False) as running:
        yield running


def ask(address: Address, sql: str) -> Any:
    with address.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_it_is_mysql_and_set_up_as_the_functions_expect(server: MySQL) -> None:
    [(version, names, zone)] = ask(server.owner, "SELECT VERSION(), @@character_set_server, @@time_zone")
    assert "MariaDB" not in version
    assert (names, zone) == ("utf8mb4", "+00:00")


def test_functions_read_and_write_rows_but_change_no_schema(server: MySQL) -> None:
    ask(server.owner, "CREATE TABLE dishes (name VARCHAR(20))")
    ask(server.functions, "INSERT INTO dishes VALUES ('soup')")
    assert ask(server.functions, "SELECT name FROM dishes") == (("soup",),)
    for statement in ("DROP TABLE dishes", "CREATE TABLE more (a INT)", "SELECT * FROM mysql.user"):
        with pytest.raises(pymysql.Error):
            ask(server.functions, statement)


def test_no_account_comes_in_without_a_password(server: MySQL) -> None:
    for user in ("root", "owner", "functions", ""):
        with pytest.raises(pymysql.OperationalError):
            pymysql.connect(host=server.owner.host, port=server.owner.port, user=user, password="")


def test_a_second_start_uses_the_running_server_and_stop_ends_it(server: MySQL) -> None:
    child = children.find(server.record)
    assert MySQL(server.root, durable=False).start() is False
    assert children.find(server.record) == child
    stop_private_servers(server.root)
    assert not server.running()
    assert server.start() is True
    assert ask(server.owner, "SELECT 1") == ((1,),)


@pytest.mark.parametrize(("kind", "server_class"), [("", MariaDB), ("mariadb", MariaDB), ("mysql", MySQL)])
def test_the_variable_database_names_the_kind_of_the_private_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, server_class: type[MariaDB]
) -> None:
    monkeypatch.setenv("DATABASE", kind)
    assert type(private_server(tmp_path)) is server_class


def test_another_kind_is_refused_with_the_kinds_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE", "oracle")
    with pytest.raises(CannotStart, match=r"DATABASE is oracle\. It must be one of: mariadb, mysql\."):
        private_server(tmp_path)


@pytest.mark.parametrize(("version", "usable"), [("Ver 8.4.6 for Linux", True), ("Ver 11.8.3-MariaDB", False)])
def test_a_mysqld_on_the_path_is_used_unless_it_is_mariadb_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, *, usable: bool
) -> None:
    program = tmp_path / "mysqld"
    program.write_text(f"#!/bin/sh\necho mysqld {version}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mysql, "UNPACKED", tmp_path / "nothing")
    if usable:
        assert server_program()[0] == str(program)
    else:
        with pytest.raises(CannotStart, match=r"stack/need\.sh mysql"):
            server_program()
