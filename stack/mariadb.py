"""A private MariaDB: its own data folder, socket and port on the loopback interface; no system service is touched."""

import os
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

import pymysql

from stack import children, ports
from stack.keys import Keys, keys

# Homebrew and Debian keep the server's programs where a person's PATH does not always look.
ALSO_LOOK_IN = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin")
DATABASE = "dumbwaiter"
# MySQL 8's default, so that a statement that Aurora refuses is refused here.
SQL_MODE = (
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)
ACCOUNTS = """\
CREATE DATABASE IF NOT EXISTS `{database}`;
CREATE USER IF NOT EXISTS `owner{suffix}`@`127.0.0.1`;
ALTER USER `owner{suffix}`@`127.0.0.1` IDENTIFIED BY '{owner}';
GRANT ALL PRIVILEGES ON `{database}`.* TO `owner{suffix}`@`127.0.0.1`;
GRANT ALL PRIVILEGES ON `{family}\\_%`.* TO `owner{suffix}`@`127.0.0.1`;
CREATE USER IF NOT EXISTS `functions{suffix}`@`127.0.0.1`;
ALTER USER `functions{suffix}`@`127.0.0.1` IDENTIFIED BY '{functions}';
GRANT SELECT, INSERT, UPDATE, DELETE ON `{database}`.* TO `functions{suffix}`@`127.0.0.1`;
GRANT SELECT, INSERT, UPDATE, DELETE ON `{family}\\_%`.* TO `functions{suffix}`@`127.0.0.1`;
"""
TRIES = 3
START_SECONDS = 300.0
INSTALL_SECONDS = 300.0


class CannotStart(Exception):
    """Something of the stack does not come up; the message says what, and what to do."""


@dataclass(frozen=True)
class Address:
    """One account on one database."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    @classmethod
    def parse(cls, url: str) -> Self:
        parts = urlsplit(url)
        database = parts.path.strip("/")
        if parts.scheme not in {"mysql", "mariadb"} or not parts.hostname or not parts.username or not database:
            raise CannotStart("DATABASE_URL must look like mysql://user:password@host:3306/database.")
        user, password = unquote(parts.username), unquote(parts.password or "")
        return cls(parts.hostname, parts.port or 3306, user, password, database)

    @property
    def url(self) -> str:
        return f"mysql://{quote(self.user)}:{quote(self.password, safe='')}@{self.host}:{self.port}/{self.database}"

    def connect(self, **options: Any) -> "pymysql.Connection[Any]":
        settings = asdict(self) | {"charset": "utf8mb4", "connect_timeout": 5} | options
        return pymysql.connect(**settings)


class MariaDB:
    """Accounts: `owner` may do anything in `dumbwaiter` and in databases named `dumbwaiter_…` (for tests);
    `functions` may read and write rows there and nothing else.

    durable=False trades the last second before a power cut for speed: for tests that measure nothing.
    """

    name = "mariadb"

    def __init__(self, root: Path, *, durable: bool = True, pool_mb: int = 128) -> None:
        self.root, self.durable, self.pool_mb = root, durable, pool_mb
        self.folder, self.log, self.record = root / "mysql", root / f"{self.name}.log", root / f"{self.name}.json"

    @property
    def owner(self) -> Address:
        return self._address("owner", keys(self.root).owner)

    @property
    def functions(self) -> Address:
        return self._address("functions", keys(self.root).functions)

    def running(self) -> bool:
        return children.find(self.record) is not None and self._answers()

    def start(self) -> bool:
        """Bring it up unless it runs already; True if this call started it. Raises CannotStart."""
        if self.running():
            return False
        self.stop()
        try:
            self._install()
            self._start()
        except BaseException:
            self.stop()
            raise
        return True

    def stop(self) -> None:
        with children.undisturbed():
            children.stop(self.record)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _address(self, user: str, password: str) -> Address:
        port = int((self.root / f"{self.name}.port").read_text())
        return Address(ports.LOOPBACK, port, user, password, DATABASE)

    def _install(self) -> None:
        if (self.folder / "installed").exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)  # half made by an `up` that was killed
        self.root.mkdir(parents=True, exist_ok=True)
        environment = children.environment(TMPDIR=str(self._own_tmp()))
        command = self._install_command()
        # Under the server's own record, so that `down` also ends an installation whose `up` was killed.
        child = children.start(self.record, command, env=environment, cwd=self.root, log=self.log)
        failed = children.wait(child, INSTALL_SECONDS) != 0
        children.stop(self.record)
        if failed:
            raise CannotStart(f"{Path(command[0]).name} failed:\n{children.tail(self.log)}")
        (self.folder / "installed").touch()

    def _install_command(self) -> list[str]:
        folder = f"--datadir={self.folder}"
        return [program("mariadb-install-db"), "--no-defaults", folder, "--skip-test-db", *as_root()]

    def _start(self) -> None:
        accounts = self.root / "accounts.sql"
        accounts.touch(mode=0o600)
        accounts.write_text(account_statements(DATABASE, keys(self.root)))
        try:
            for _ in range(TRIES):
                port = ports.keep(self.root, self.name)
                child = children.start(
                    self.record, self._command(port, accounts), env=children.environment(), cwd=self.root, log=self.log
                )
                if self._wait(child):
                    return
                if child.alive() or ports.is_free(port):
                    break  # it failed by itself; else somebody took the port after we looked: try another
        finally:
            accounts.unlink()
        raise CannotStart(f"{type(self).__name__} did not start; the end of {self.log}:\n{children.tail(self.log)}")

    def _command(self, port: int, accounts: Path) -> list[str]:
        # The data folder is the server's working folder: a short name keeps the socket's path within its 107 bytes.
        return [
            program("mariadbd"),
            "--no-defaults",
            f"--datadir={self.folder}",
            f"--tmpdir={self._own_tmp()}",
            "--socket=mysql.sock",
            "--pid-file=mysql.pid",
            f"--bind-address={ports.LOOPBACK}",
            f"--port={port}",
            f"--init-file={accounts}",
            "--skip-name-resolve",
            "--max-connections=200",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--default-time-zone=+00:00",
            f"--sql-mode={SQL_MODE}",
            f"--innodb-buffer-pool-size={self.pool_mb}M",
            f"--innodb-log-file-size={max(96, self.pool_mb // 4)}M",
            *([] if self.durable else ["--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"]),
            *as_root(),
        ]

    def _own_tmp(self) -> Path:
        """A server that starts removes all temporary tables in the folder, also those of another server."""
        folder = self.root / "mysql-tmp"
        folder.mkdir(exist_ok=True)
        return folder

    def _wait(self, child: children.Child) -> bool:
        until = time.monotonic() + START_SECONDS
        while child.alive() and time.monotonic() < until:
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        try:
            self.owner.connect().close()
            self.functions.connect().close()
        except (pymysql.Error, OSError):
            return False
        return True


class GivenDatabase:
    """The database that DATABASE_URL names: ours to use with the account it gives, not to start, to stop or to
    make accounts in."""

    def __init__(self, url: str) -> None:
        self.owner = self.functions = Address.parse(url)

    def running(self) -> bool:
        try:
            self.owner.connect().close()
        except (pymysql.Error, OSError):
            return False
        return True

    def start(self) -> bool:
        address = self.owner
        try:
            with address.connect(database=None) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (address.database,))
                if not cursor.fetchall():
                    cursor.execute(f"CREATE DATABASE `{address.database.replace('`', '``')}` CHARACTER SET utf8mb4")
        except (pymysql.Error, OSError) as error:
            raise CannotStart(f"Cannot use the database that DATABASE_URL names: {error}") from error
        return False

    def stop(self) -> None:
        pass


def account_statements(database: str, secret: Keys, suffix: str = "") -> str:
    """SQL that makes a database and its two accounts; `suffix` ends the accounts' names.

    Both accounts have rights in all databases `dumbwaiter_…`.
    """
    passwords = {"owner": secret.owner, "functions": secret.functions}
    return ACCOUNTS.format(database=database, family=DATABASE, suffix=suffix, **passwords)


def program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path=os.pathsep.join(ALSO_LOOK_IN))
    if path is None:
        raise CannotStart(
            f"{name} is missing. Debian and Ubuntu: apt-get install mariadb-server-core mariadb-client-core; "
            "macOS: brew install mariadb; or set DATABASE_URL to a MySQL 8 or MariaDB that you have."
        )
    return path


def as_root() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []
