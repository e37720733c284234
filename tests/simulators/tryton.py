"""A real Tryton 8.2 as a program on loopback, with SQLite. `make .local/tryton/installed` installs it.

The database with its company takes a minute to make. A copy of it takes seconds, so it is made once for each set of
versions. As a program: `python -m tests.simulators.tryton --root FOLDER`.
"""

import argparse
import fcntl
import hashlib
import json
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

import httpx

from stack import children, ports
from stack.addresses import ROOT as LOCAL
from stack.mariadb import CannotStart
from tests.simulators import tryton_seed
from tests.simulators.tryton_items import enter_items
from tests.simulators.tryton_rpc import Client
from tests.support.paths import ROOT

FOLDER = LOCAL / "tryton"
PROGRAMS = FOLDER / "venv/bin"
MODULES = ("sale", "stock_supply", "account_invoice_stock")
DATABASE = "erp"
START_SECONDS = 300.0
CONFIGURATION = """[database]
uri = sqlite://
path = {folder}
default_name = erp
[web]
listen = 127.0.0.1:{port}
[session]
timeout = 86400
max_age = 86400
[password]
length = 8
"""


class Tryton:
    """A server with the books in `root`. Each start has a fresh copy of the company's first day, unless `keep`."""

    user, password = tryton_seed.USER, tryton_seed.PASSWORD

    def __init__(self, root: Path, *, keep: bool = False) -> None:
        self.root, self._keep = root / "tryton", keep
        self.books = self.root / f"{DATABASE}.sqlite"
        self.port = 0

    @property
    def server(self) -> str:
        """Its address, without the database."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address of the RPC of its database."""
        return f"{self.server}/{DATABASE}/rpc/"

    def start(self) -> Self:
        """Raises CannotStart."""
        self.root.mkdir(parents=True, exist_ok=True)
        if not (self._keep and self.books.exists()):
            shutil.copyfile(company_file(), self.books)
        self.port = _serve(self.root)
        return self

    def close(self) -> None:
        children.stop(self.root / "tryton.json", patience=10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def client(self) -> Client:
        """A session of the user that sync has."""
        return Client(self.url, self.user, self.password)


def company_file() -> Path:
    """A database with modules and company; made at the first call, which takes about a minute. Raises CannotStart."""
    if not (PROGRAMS / "trytond").exists():
        raise CannotStart("Tryton is not installed. Run: make .local/tryton/installed")
    file = FOLDER / f"company-{_versions()}.sqlite"
    with _alone(FOLDER / "making.lock"):
        if not file.exists():
            _make(file)
    return file


def _versions() -> str:
    sources = (ROOT / "requirements/tryton.txt", Path(tryton_seed.__file__))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(file: Path) -> None:
    folder = FOLDER / "making"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    password = secrets.token_urlsafe(12)
    _activate_modules(folder, password)
    port = _serve(folder)
    try:
        with Client(f"http://127.0.0.1:{port}/{DATABASE}/rpc/", "admin", password) as client:
            tryton_seed.seed(client)
    finally:
        children.stop(folder / "tryton.json", patience=10)
    made = folder / f"{DATABASE}.sqlite"
    with closing(sqlite3.connect(made)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or the last writes are in a file beside it
    made.replace(file)
    shutil.rmtree(folder)


def _activate_modules(folder: Path, password: str) -> None:
    (folder / f"{DATABASE}.sqlite").touch()
    (folder / "password").write_text(password + "\n")
    command = ["trytond-admin", "-c", _configured(folder, 0), "-d", DATABASE, "-u", *MODULES, "--activate-dependencies"]
    command += ["--email", "admin@example.com", "--password"]
    log = folder / "modules.log"
    with log.open("wb") as out:
        done = subprocess.run(
            [_program(command[0]), *command[1:]],
            env=_environment(folder),
            cwd=folder,
            stdout=out,
            stderr=out,
            check=False,
        )
    if done.returncode:
        raise CannotStart(f"Tryton could not activate its modules.\n{children.tail(log)}")


def _serve(folder: Path) -> int:
    port = ports.keep(folder, "tryton")
    command = [_program("trytond"), "-c", _configured(folder, port), "-d", DATABASE]
    log = folder / "tryton.log"
    child = children.start(folder / "tryton.json", command, env=_environment(folder), cwd=folder, log=log)
    until = time.monotonic() + START_SECONDS
    while not _answers(port):
        if not child.alive() or time.monotonic() > until:
            children.stop(folder / "tryton.json")
            raise CannotStart(f"Tryton did not start.\n{children.tail(log)}")
        time.sleep(0.1)
    return port


def _answers(port: int) -> bool:
    question = {"id": 1, "method": "common.server.version", "params": []}
    try:
        return httpx.post(f"http://127.0.0.1:{port}/rpc/", json=question, timeout=30, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _configured(folder: Path, port: int) -> str:
    file = folder / "trytond.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port))
    return str(file)


def _environment(folder: Path) -> dict[str, str]:
    # Tryton chooses its database at import, by these.
    return children.environment(
        TRYTOND_CONFIG=str(folder / "trytond.conf"),
        TRYTOND_DATABASE_URI="sqlite://",
        TRYTONPASSFILE=str(folder / "password"),
    )


def _program(program: str) -> str:
    return str(PROGRAMS / program)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=LOCAL, help="the folder of its books")
    parser.add_argument("--base", type=Path, help="items and their stock in JSON, as the simulated ERP takes them")
    parser.add_argument("--make", action="store_true", help="only make the database of the company")
    arguments = parser.parse_args()
    if arguments.make:
        company_file()
        return
    # No signal may be blocked here: Tryton would inherit that.
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with Tryton(arguments.root, keep=True) as server:
        if arguments.base:
            with server.client() as client:
                enter_items(client, json.loads(arguments.base.read_text(encoding="utf-8")))
        print(f"Tryton: {server.url}", flush=True)  # noqa: T201 - the line that its starter waits for
        over.wait()


if __name__ == "__main__":
    try:
        main()
    except CannotStart as error:
        sys.exit(str(error))
