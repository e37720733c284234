"""A database server that runs already: TEST_DATABASE_URL names it, say a MySQL of the cloud's version.

`TEST_DATABASE_URL=mysql://root@127.0.0.1:3306/mysql make test` makes a database and two accounts there for each worker
of pytest, by an account that may do so. Databases of these names are dropped, and only on the loopback address.
"""

import os
from pathlib import Path

from pymysql.constants import CLIENT

from stack.keys import keys
from stack.mariadb import DATABASE, Address, CannotStart, MariaDB, account_statements
from stack.ports import LOOPBACK


class AnotherServer(MariaDB):
    """A server that the tests neither start nor stop."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__(root, durable=False)
        self._admin = Address.parse(url)
        if self._admin.host != LOOPBACK:
            raise CannotStart(
                f"TEST_DATABASE_URL names {self._admin.host}. The tests drop databases, so they use {LOOPBACK} only."
            )
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        self._suffix = f"_{worker}" if worker else ""

    def start(self) -> bool:
        self.root.mkdir(parents=True, exist_ok=True)
        name = DATABASE + self._suffix
        accounts = account_statements(name, keys(self.root), self._suffix)
        with self._admin.connect(client_flag=CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`; {accounts}")
            while cursor.nextset():
                pass
        return True

    def stop(self) -> None:
        """The server goes on running."""

    def _address(self, user: str, password: str) -> Address:
        return Address(LOOPBACK, self._admin.port, user + self._suffix, password, DATABASE + self._suffix)
