"""A private MySQL in place of MariaDB: DATABASE=mysql runs the stack and the tests on it."""

import os
import shutil
import subprocess
from pathlib import Path

from stack import children, ports
from stack.addresses import ROOT
from stack.mariadb import SQL_MODE, CannotStart, GivenDatabase, MariaDB, as_root

# `stack/need.sh mysql` unpacks Debian's packages there, with the C library that they were built for.
UNPACKED = ROOT / "mysql/root"


class MySQL(MariaDB):
    """As MariaDB, with the same two accounts, in files of its own."""

    name = "mysql"

    def __init__(self, root: Path, *, durable: bool = True, pool_mb: int = 128) -> None:
        super().__init__(root, durable=durable, pool_mb=pool_mb)
        self.folder = root / "mysql-data"

    def _install_command(self) -> list[str]:
        return [*server_program(), "--initialize-insecure", f"--datadir={self.folder}", *as_root()]

    def _command(self, port: int, accounts: Path) -> list[str]:
        # `root` has no password; it comes in by the socket alone, which lies in the server's own folder.
        return [
            *server_program(),
            f"--datadir={self.folder}",
            f"--tmpdir={self._own_tmp()}",
            "--socket=mysql.sock",
            "--pid-file=mysql.pid",
            f"--bind-address={ports.LOOPBACK}",
            f"--port={port}",
            f"--init-file={accounts}",
            "--mysqlx=0",
            "--skip-name-resolve",
            "--max-connections=200",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--default-time-zone=+00:00",
            f"--sql-mode={SQL_MODE}",
            f"--innodb-buffer-pool-size={self.pool_mb}M",
            "--performance-schema=OFF",
            "--disable-log-bin",
            *([] if self.durable else ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=OFF"]),
            *as_root(),
        ]


def server_program() -> list[str]:
    """The command that starts MySQL's server, without its options. Raises CannotStart."""
    path = shutil.which("mysqld")
    if path and "MariaDB" not in _version(path):  # MariaDB has a program of this name too
        return [path, "--no-defaults", "--secure-file-priv=NULL"]
    loaders = sorted(UNPACKED.glob("usr/lib/*/ld-linux*.so.*"))
    if not loaders:
        raise CannotStart(
            "MySQL's server is missing. On Debian `stack/need.sh mysql` unpacks it; elsewhere put mysqld on the PATH, "
            "or set TEST_DATABASE_URL for the tests."
        )
    share = UNPACKED / "usr/share/mysql"
    return [
        str(loaders[0]),
        "--library-path",
        str(loaders[0].parent),
        str(UNPACKED / "usr/sbin/mysqld"),
        "--no-defaults",
        f"--basedir={UNPACKED / 'usr'}",
        f"--lc-messages-dir={share}",
        f"--character-sets-dir={share / 'charsets'}",
        f"--plugin-dir={UNPACKED / 'usr/lib/mysql/plugin'}",
        "--secure-file-priv=NULL",
    ]


def database(root: Path, *, durable: bool = True) -> MariaDB | GivenDatabase:
    """The database of a stack: DATABASE_URL's, else a private server of the kind that DATABASE names."""
    if url := os.environ.get("DATABASE_URL"):
        return GivenDatabase(url)
    return private_server(root, durable=durable)


def private_server(root: Path, *, durable: bool = True) -> MariaDB:
    """A server of the kind that the variable DATABASE names: mariadb, which is the default, or mysql."""
    kinds = {server.name: server for server in (MariaDB, MySQL)}
    kind = os.environ.get("DATABASE") or MariaDB.name
    if kind not in kinds:
        raise CannotStart(f"DATABASE is {kind}. It must be one of: {', '.join(kinds)}.")
    return kinds[kind](root, durable=durable)


def stop_private_servers(root: Path) -> None:
    """End the server of either kind that was started in this folder."""
    for server in (MariaDB, MySQL):
        server(root).stop()


def _version(path: str) -> str:
    command = [path, "--no-defaults", "--version"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=children.environment()).stdout
