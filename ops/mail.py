"""The table of mail senders: the addresses and domains that each chain may send mails from."""

import re
from datetime import UTC, datetime
from typing import Any

from ops.migrate import open_database

# As `mail_from` of a flow, or the part of it after the @.
DOMAIN = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
SENDER = re.compile(rf"(?:[!-?A-~]+@)?{DOMAIN}")
LONGEST = 254
INSERT = "INSERT IGNORE INTO sync_mail_senders (chain_id, sender, created_at) VALUES (%s, %s, %s)"
DELETE = "DELETE FROM sync_mail_senders WHERE chain_id = %s AND sender = %s"
LIST = "SELECT chain_id, sender, created_at FROM sync_mail_senders ORDER BY chain_id, sender"


class MailSenders:
    """The senders of all chains. A domain stands for each address directly in it."""

    def __init__(self, database_url: str) -> None:
        self._connection = open_database(database_url)

    def allow(self, chain: str, sender: str) -> str:
        """The chain may send from it. Returns it in lower case. Raises ValueError for what is no address or domain."""
        lower = sender.lower()
        if len(lower) > LONGEST or not SENDER.fullmatch(lower):
            raise ValueError(f"{sender!r} is no address and no domain: write books@example.com or example.com")
        with self._connection.cursor() as cursor:
            cursor.execute(INSERT, (chain, lower, datetime.now(UTC)))
        return lower

    def forbid(self, chain: str, sender: str) -> bool:
        """Whether the chain was allowed to send from it. It is no more."""
        with self._connection.cursor() as cursor:
            return bool(cursor.execute(DELETE, (chain, sender.lower())))

    def list(self) -> list[tuple[Any, ...]]:
        """chain, sender, created_at."""
        with self._connection.cursor() as cursor:
            cursor.execute(LIST)
            return list(cursor.fetchall())

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
