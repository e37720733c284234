"""The environment of a function: clients, settings and clock, made once per execution environment at first need."""

import time
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from shared.spine.aws import Aws
from shared.spine.clock import Clock, utc_now
from shared.spine.db import Connection, Database, connect
from shared.spine.errors import Misconfigured
from shared.spine.outbox import Outbox
from shared.spine.settings import Settings, read_settings

# A rotated secret is in use everywhere after this long; a refused password is read again at once.
SECRET_CACHED_FOR = 900.0


@dataclass(eq=False)
class Environment:
    """The real things behind the names. Tests make one with other settings or another clock."""

    settings: Settings
    clock: Clock = utc_now
    _secrets: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, repr=False)

    @cached_property
    def aws(self) -> Aws:
        """Signed calls to AWS."""
        return Aws(self.settings, self.clock)

    @cached_property
    def db(self) -> Database:
        """The database."""
        return Database(self._connect)

    @cached_property
    def outbox(self) -> Outbox:
        """Transactions that announce, and the sending of what they announced."""
        return Outbox(self.db, self.aws, self.settings.events_topic, self.clock)

    def keyring(self) -> list[str]:
        """The Fernet keys that encrypt secrets at rest, newest first."""
        keys: list[str] = self._secret(self.settings.keyring_secret)["keys"]
        return keys

    def close(self) -> None:
        """Give every connection back, for environments that end before their process does."""
        for name in ("db", "aws"):
            if name in vars(self):
                getattr(self, name).close()

    def _connect(self, autocommit: bool) -> Connection:  # noqa: FBT001 - as `Database` calls it
        name = self.settings.database_secret
        if not name:
            raise Misconfigured("setting_missing", "the function has no right to the database: see serverless.yml")
        try:
            return connect(self._secret(name), autocommit=autocommit)
        except Misconfigured:
            self._secrets.pop(name, None)
            return connect(self._secret(name), autocommit=autocommit)

    def _secret(self, name: str) -> dict[str, Any]:
        read_at, secret = self._secrets.get(name, (0.0, None))
        if secret is None or time.time() - read_at > SECRET_CACHED_FOR:
            secret = self.aws.secret(name)
            self._secrets[name] = (time.time(), secret)
        return secret


@cache
def environment() -> Environment:
    """This execution environment's own."""
    return Environment(read_settings())
