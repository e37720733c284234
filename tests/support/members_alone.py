"""A town with a database server of its own, for commands that take longer than a test may."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from ops.migrate import migrate
from shared.spine import env as env_module
from shared.spine.aws import Aws
from shared.spine.db import Connection, Database, connect
from stack.mariadb import MariaDB
from tests.support.members import Town

SETTINGS = {"STAGE": "alone", "DATABASE_SECRET": "alone", "AWS_REGION": "eu-central-1", "LOG_LEVEL": "WARNING"}


@contextmanager
def a_town() -> Iterator[Town]:
    """Functions that publish nothing, over an empty database that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, MariaDB(Path(folder), durable=False) as server:
        migrate(server.owner.url)
        account = server.functions
        secret = {"host": account.host, "port": account.port, "username": account.user, "password": account.password}
        secret |= {"dbname": account.database, "tls": False}
        # The one thing that they would ask the cloud for.
        with mock.patch.dict(os.environ, SETTINGS), mock.patch.object(Aws, "secret", return_value=secret):
            env = env_module.environment()
            vars(env)["db"] = Database(lambda autocommit: _patient(connect(secret, autocommit=autocommit)))
            yield Town(env, server)
            env.close()


def _patient(connection: Connection) -> Connection:
    """One that outlives a pause of the whole machine, server and all."""
    connection._read_timeout = connection._write_timeout = None  # type: ignore[attr-defined]  # its stubs hide them
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION wait_timeout=86400, net_read_timeout=86400, net_write_timeout=86400")
    return connection
