"""Another database server than the suite's own MariaDB: TEST_DATABASE_URL names it, say a MySQL of the cloud's version.

`TEST_DATABASE_URL=mysql://root@127.0.0.1:3306/mysql pytest tests/shared tests/functions` makes the database and the
accounts of `stack.mariadb` there, by an account that may do so. A database of that name is dropped, on loopback alone.
"""

from pathlib import Path

from pymysql.constants import CLIENT

from stack.keys import keys
from stack.mariadb import ACCOUNTS, DATABASE, Address, CannotStart, MariaDB
from stack.ports import LOOPBACK


class AnotherServer(MariaDB):
    """A server that runs already, and goes on running."""

    def __init__(self, root: Path, url: str) -> None:
        super().__init__(root, durable=False)
        self._admin = Address.parse(url)
        if self._admin.host != LOOPBACK:
            raise CannotStart(
                f"TEST_DATABASE_URL names {self._admin.host}; the suite drops databases on {LOOPBACK} alone."
            )

    def start(self) -> bool:
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "mariadb.port").write_text(str(self._admin.port))
        secret = keys(self.root)
        accounts = ACCOUNTS.format(database=DATABASE, owner=secret.owner, functions=secret.functions)
        with self._admin.connect(client_flag=CLIENT.MULTI_STATEMENTS) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{DATABASE}`; {accounts}")
            while cursor.nextset():
                pass
        return True

    def stop(self) -> None:
        """It is somebody else's."""
