import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from stack import children, ports
from stack.keys import keys
from stack.mariadb import Address, CannotStart, GivenDatabase, MariaDB
from stack.mysql import database


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with MariaDB(tmp_path_factory.mktemp("db"), durable=False) as running:
        yield running


def ask(address: Address, sql: str, **options: Any) -> Any:
    with address.connect(autocommit=True, **options) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_functions_read_and_write_rows_but_change_no_schema(db: MariaDB) -> None:
    ask(db.owner, "CREATE TABLE dishes (name VARCHAR(20))")
    ask(db.functions, "INSERT INTO dishes VALUES ('soup')")
    assert ask(db.functions, "SELECT name FROM dishes") == (("soup",),)
    for refused in ("DROP TABLE dishes", "CREATE TABLE more (a INT)", "SELECT * FROM mysql.user", "FLUSH TABLES"):
        with pytest.raises(pymysql.Error):
            ask(db.functions, refused)


def test_the_owner_makes_databases_for_tests_and_no_others(db: MariaDB) -> None:
    ask(db.owner, "CREATE DATABASE dumbwaiter_one")
    assert ask(db.functions, "SELECT 1", database="dumbwaiter_one") == ((1,),)
    with pytest.raises(pymysql.Error):
        ask(db.owner, "CREATE DATABASE another")


def test_nobody_comes_in_without_a_password(db: MariaDB) -> None:
    for user in ("root", "owner", "functions", "", "mysql"):
        with pytest.raises(pymysql.OperationalError):
            pymysql.connect(host=db.owner.host, port=db.owner.port, user=user, password="")


def test_its_temporary_tables_lie_where_no_other_server_clears_up(db: MariaDB) -> None:
    [(folder,)] = ask(db.owner, "SELECT @@tmpdir")
    assert Path(folder).is_relative_to(db.root)


def test_it_is_set_up_as_the_functions_expect(db: MariaDB) -> None:
    names = ("max_connections", "character_set_server", "time_zone", "bind_address", "skip_name_resolve")
    shown = dict(ask(db.owner, f"SHOW VARIABLES WHERE Variable_name IN {names}"))
    assert shown == {
        "max_connections": "200",
        "character_set_server": "utf8mb4",
        "time_zone": "+00:00",
        "bind_address": "127.0.0.1",
        "skip_name_resolve": "ON",
    }
    assert "STRICT_TRANS_TABLES" in ask(db.owner, "SELECT @@sql_mode")[0][0]


def test_passwords_lie_in_a_file_that_only_its_owner_reads(db: MariaDB) -> None:
    assert stat.S_IMODE((db.root / "secrets.json").stat().st_mode) == 0o600
    left = [file for file in db.root.iterdir() if file.suffix in {".sql", ".log"}]
    assert not [file for file in left if keys(db.root).owner in file.read_text()]


def test_a_second_start_finds_the_first(db: MariaDB) -> None:
    before = children.find(db.record)
    assert MariaDB(db.root, durable=False).start() is False
    assert children.find(db.record) == before


def test_it_keeps_data_and_port_over_a_stop_and_a_kill(tmp_path: Path) -> None:
    with MariaDB(tmp_path) as first:
        port = first.owner.port
        ask(first.owner, "CREATE TABLE dishes (name VARCHAR(20))")
        child = children.find(first.record)
        assert child
        os.kill(child.pid, signal.SIGKILL)
        assert not first.running()
        assert first.start() is True
        assert ask(first.owner, "SELECT * FROM dishes") == ()
    with MariaDB(tmp_path) as second:
        assert second.owner.port == port
        assert ask(second.owner, "SELECT @@innodb_flush_log_at_trx_commit") == ((1,),)
    assert ports.is_free(port)


def test_a_taken_port_is_avoided_and_a_half_made_folder_made_anew(tmp_path: Path) -> None:
    (tmp_path / "mysql").mkdir()
    (tmp_path / "mysql/ibdata1").write_text("half")
    with socket.create_server((ports.LOOPBACK, ports.keep(tmp_path, "mariadb"))) as somebody, MariaDB(tmp_path) as db:
        assert db.owner.port != somebody.getsockname()[1]
        assert ask(db.owner, "SELECT 1") == ((1,),)


def test_a_failed_start_says_why_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = MariaDB(tmp_path)
    monkeypatch.setattr(MariaDB, "_command", lambda *_: ["/bin/sh", "-c", "echo no room; sleep 300 & exit 1"])
    with pytest.raises(CannotStart, match="no room"):
        db.start()
    assert not db.record.exists()
    assert not (tmp_path / "accounts.sql").exists()


def test_without_mariadb_the_message_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("stack.mariadb.ALSO_LOOK_IN", ())
    with pytest.raises(CannotStart, match="apt-get install mariadb-server-core"):
        MariaDB(tmp_path).start()


def test_database_url_names_another_server_and_starts_none(
    db: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Address(db.owner.host, db.owner.port, "owner", keys(db.root).owner, "dumbwaiter_given")
    monkeypatch.setenv("DATABASE_URL", given.url)
    other = database(tmp_path)
    assert isinstance(other, GivenDatabase)
    assert not other.running()
    other.start()
    assert other.running()
    assert other.functions == other.owner == given
    assert ask(other.owner, "SELECT DATABASE()") == (("dumbwaiter_given",),)
    other.stop()
    assert db.running()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("url", ["postgres://a:b@c/d", "mysql://127.0.0.1/x", "mysql://a:b@127.0.0.1", "nonsense"])
def test_a_database_url_of_another_shape_is_refused(url: str) -> None:
    with pytest.raises(CannotStart, match="mysql://user:password@host:3306/database"):
        GivenDatabase(url)


def test_a_database_url_where_nobody_answers_is_said_to_be_it(tmp_path: Path) -> None:
    port = ports.keep(tmp_path, "nobody")
    with pytest.raises(CannotStart, match="DATABASE_URL"):
        GivenDatabase(f"mysql://a:b@127.0.0.1:{port}/c").start()


def test_an_address_survives_its_url() -> None:
    address = Address("10.0.0.9", 3307, "chef", "a@b/c:d?e#f%", "kitchen")
    assert Address.parse(address.url) == address
