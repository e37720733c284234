"""SQL of the tables `inbox_devices` and `push_servers`: browsers that are woken by web push, and our key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.spine.db import Transaction

MOST_OF_CLIENT = 10
# A browser that registers again for the same inbox keeps its id.
UPSERT_DEVICE = """
    INSERT INTO inbox_devices (id, recipient, client_id, endpoint_hash, subscription_encrypted, pushed_seq, quiet_until,
        seen_at)
    VALUES (%(id)s, %(recipient)s, %(client)s, %(endpoint)s, %(subscription)s, %(head)s, %(now)s, %(now)s)
    ON DUPLICATE KEY UPDATE client_id = %(client)s, subscription_encrypted = %(subscription)s, pushed_seq = %(head)s,
        failures = 0, quiet_until = %(now)s, seen_at = %(now)s"""
SELECT_ID = "SELECT id FROM inbox_devices WHERE endpoint_hash = %(endpoint)s AND recipient = %(recipient)s"
SELECT_OF_CLIENT = """
    SELECT id FROM inbox_devices WHERE client_id = %(client)s ORDER BY seen_at DESC, id DESC LIMIT 100"""
DELETE_DEVICE = "DELETE FROM inbox_devices WHERE id = %(id)s AND client_id = %(client)s"
DELETE_DEVICES = "DELETE FROM inbox_devices WHERE id IN %(ids)s"
DELETE_OLD = "DELETE FROM inbox_devices WHERE seen_at < %(before)s LIMIT %(limit)s"
# A person whose page has a live connection hears of it there. The browser stays due: the page may be about to sleep.
LOCK_DUE = """
    SELECT d.id, d.recipient, d.subscription_encrypted, d.failures, h.seq AS head
    FROM inbox_devices d JOIN inbox_heads h ON h.recipient = d.recipient
    WHERE h.seq > d.pushed_seq AND d.quiet_until <= %(now)s
        AND NOT EXISTS (SELECT 1 FROM live_clients l WHERE l.client_id = d.client_id AND l.heard_at > %(alive)s)
    ORDER BY d.quiet_until LIMIT %(limit)s FOR UPDATE"""
UPDATE_PUSHED = "UPDATE inbox_devices SET pushed_seq = %(head)s WHERE id = %(id)s"
UPDATE_KNOWN = """
    UPDATE inbox_devices SET pushed_seq = %(seq)s
    WHERE client_id = %(client)s AND recipient = %(recipient)s AND pushed_seq < %(seq)s"""
UPDATE_FAILED = """
    UPDATE inbox_devices SET failures = failures + 1, quiet_until = %(until)s, pushed_seq = pushed_seq - 1
    WHERE id = %(id)s AND pushed_seq > 0"""
UPDATE_WORKED = "UPDATE inbox_devices SET failures = 0 WHERE id = %(id)s AND failures > 0"
INSERT_SERVER = "INSERT IGNORE INTO push_servers (id, key_encrypted, created_at) VALUES (1, %(key)s, %(now)s)"
SELECT_SERVER = "SELECT key_encrypted FROM push_servers WHERE id = 1"


@dataclass(frozen=True)
class Device:
    """A browser to wake. `head` is the newest number of its inbox."""

    id: str
    recipient: str
    subscription: bytes = field(repr=False)
    failures: int
    head: int


def upsert_device(
    transaction: Transaction,
    new_id: str,
    recipient: str,
    client: str,
    endpoint: bytes,
    subscription: bytes,
    **at: object,
) -> str:
    """The id of the browser's registration. `at` has `head`, the number it knows, and `now`."""
    values = {
        "id": new_id,
        "recipient": recipient,
        "client": client,
        "endpoint": endpoint,
        "subscription": subscription,
    }
    transaction.execute(UPSERT_DEVICE, values | at)
    row = transaction.row(SELECT_ID, values)
    assert row is not None
    delete_devices(transaction, [row["id"] for row in transaction.rows(SELECT_OF_CLIENT, values)][MOST_OF_CLIENT:])
    return str(row["id"])


def delete_device(transaction: Transaction, device: str, client: str) -> bool:
    """Forget a browser of this client."""
    return transaction.execute(DELETE_DEVICE, {"id": device, "client": client}) > 0


def delete_devices(transaction: Transaction, devices: Sequence[str]) -> None:
    """Forget browsers."""
    if devices:
        transaction.execute(DELETE_DEVICES, {"ids": tuple(devices)})


def delete_old(transaction: Transaction, before: datetime, limit: int) -> int:
    """Forget browsers that did not register since a moment."""
    return transaction.execute(DELETE_OLD, {"before": before, "limit": limit})


def lock_due(transaction: Transaction, now: datetime, alive: datetime, limit: int) -> list[Device]:
    """Browsers whose inbox has more than they were told, and whose person was not heard since `alive`."""
    rows = transaction.rows(LOCK_DUE, {"now": now, "alive": alive, "limit": limit})
    return [
        Device(row["id"], row["recipient"], row["subscription_encrypted"], row["failures"], row["head"]) for row in rows
    ]


def update_known(transaction: Transaction, recipient: str, client: str, seq: int) -> None:
    """A page of the person has the messages of the inbox up to this one, and needs no push for them."""
    transaction.execute(UPDATE_KNOWN, {"recipient": recipient, "client": client, "seq": seq})


def update_pushed(transaction: Transaction, devices: Sequence[Device]) -> None:
    """Note that browsers are told, before they are: a push that is lost is worth less than one each minute."""
    for device in devices:
        transaction.execute(UPDATE_PUSHED, {"id": device.id, "head": device.head})


def update_failed(transaction: Transaction, device: str, until: datetime) -> None:
    """The browser is told again after a moment."""
    transaction.execute(UPDATE_FAILED, {"id": device, "until": until})


def update_worked(transaction: Transaction, device: str) -> None:
    """The service took the push."""
    transaction.execute(UPDATE_WORKED, {"id": device})


def insert_server(transaction: Transaction, key: bytes, now: datetime) -> None:
    """Keep our key, unless there is one."""
    transaction.execute(INSERT_SERVER, {"key": key, "now": now})


def read_server(transaction: Transaction) -> bytes | None:
    """Our encrypted key."""
    row = transaction.row(SELECT_SERVER)
    return row["key_encrypted"] if row else None
