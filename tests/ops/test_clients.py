"""API clients by hand: made, rotated, revoked, and put under a new key."""

import json
import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet, InvalidToken

from ops.clients import ENCRYPTED, Clients
from shared.spine.auth import cipher
from stack.mariadb import MariaDB

# Columns of bytes that are no secrets, and those that no new key helps.
PLAIN = {
    ("member_facts", "days"), ("passkeys", "credential_id"), ("passkeys", "public_key"), ("tag_bitmaps", "members"),
}  # fmt: skip
KEEP_THEIR_KEY = {("member_identities", "encrypted")}
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_secrets_put_under_a_new_key_need_the_old_one_no_more(database: MariaDB) -> None:
    before = Clients(database.owner.url, [OLD])
    made = before.create("till", ["orders:write@store:demo:s1"], sources=["till:*"])
    before.close()
    both = Clients(database.owner.url, [NEW, OLD])
    assert both.reencrypt() == 1
    both.close()
    after = Clients(database.owner.url, [NEW])
    assert after.known("till") == made
    after.close()
    stale = Clients(database.owner.url, [OLD])
    with pytest.raises(InvalidToken):
        stale.known("till")
    stale.close()


def test_keys_of_agents_and_webhooks_and_kept_replies_are_put_under_the_new_key_too(database: MariaDB) -> None:
    secret = cipher([OLD]).encrypt(b"secret")
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO print_agents (id, store_id, name, encrypted, enrolled_at) VALUES ('a', 's', 'pc', %s, NOW())",
            (secret,),
        )
        cursor.execute(
            "INSERT INTO secret_replies (client_id, idempotency_key, encrypted, good_until)"
            " VALUES ('c', 'k', %s, NOW())",
            (secret,),
        )
        cursor.execute(
            "INSERT INTO webhook_secrets (endpoint_id, created_at, encrypted) VALUES ('w', NOW(), %s)", (secret,)
        )
        both = Clients(database.owner.url, [NEW, OLD])
        assert both.reencrypt() == 3
        both.close()
        for table in ("print_agents", "secret_replies", "webhook_secrets"):
            cursor.execute(f"SELECT encrypted FROM {table}")
            [(encrypted,)] = cursor.fetchall()
            assert cipher([NEW]).decrypt(bytes(encrypted)) == b"secret"


def test_each_column_that_is_encrypted_is_put_under_the_new_key(database: MariaDB) -> None:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            " AND data_type IN ('varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob')"
        )
        columns = set(cursor.fetchall())
    assert columns - PLAIN == {(place.table, place.column) for place in ENCRYPTED} | KEEP_THEIR_KEY


def test_credentials_of_other_systems_are_put_under_the_new_key(database: MariaDB) -> None:
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outlet_robots (robot_key, chain_id, kind, settings, credentials, enabled, revision, state)"
            " VALUES ('c:r', 'c', 'slack', '{}', %s, 1, 1, 'working')",
            (cipher([OLD]).encrypt(b"secret"),),
        )
        both = Clients(database.owner.url, [NEW, OLD])
        assert both.reencrypt() == 1
        both.close()
        cursor.execute("SELECT credentials, token FROM outlet_robots")
        [(credentials, token)] = cursor.fetchall()
        assert (cipher([NEW]).decrypt(bytes(credentials)), token) == (b"secret", None)


@pytest.mark.parametrize("grant", ["orders:write", "orders:write@planet:mars", "orders@store:demo:s1", "a:b@store:"])
def test_what_is_no_grant_is_refused_and_nobody_is_made(database: MariaDB, grant: str) -> None:
    clients = Clients(database.owner.url, [OLD])
    with pytest.raises(ValueError, match="no grant"):
        clients.create("till", [grant])
    assert clients.list() == []
    clients.close()


def test_a_right_that_no_view_asks_for_is_refused(database: MariaDB) -> None:
    clients = Clients(database.owner.url, [OLD])
    with pytest.raises(ValueError, match=r"no right orders:fly; there are .*menu:read, "):
        clients.create("till", ["orders:fly@store:demo:s1"])
    clients.close()


def test_a_client_that_is_not_there_cannot_be_rotated_or_revoked(database: MariaDB) -> None:
    clients = Clients(database.owner.url, [OLD])
    with pytest.raises(LookupError):
        clients.rotate("nobody")
    assert not clients.revoke("nobody")
    clients.close()


def test_a_client_that_may_ask_nothing_is_refused(database: MariaDB) -> None:
    clients = Clients(database.owner.url, [OLD])
    with pytest.raises(ValueError, match="at least one request"):
        clients.create("till", ["orders:write@store:demo:s1"], requests_per_second=0, sources=["till:*"])
    clients.close()


@pytest.mark.parametrize("right", ["place", "pay", "cancel", "fulfil", "refund", "write"])
def test_a_key_that_changes_orders_says_whose(database: MariaDB, right: str) -> None:
    clients = Clients(database.owner.url, [OLD])
    grants = [f"orders:{right}@chain:demo", "orders:read@chain:demo"]
    with pytest.raises(ValueError, match=f"orders:{right} takes --source"):
        clients.create("till", grants)
    clients.create("till", grants, sources=["till:till-1", "till:till-2"])
    clients.create("screen", ["orders:read@chain:demo"])
    assert sorted((row[1], row[3]) for row in clients.list()) == [
        ("screen", "[]"), ("till", '["till:till-1", "till:till-2"]'),
    ]  # fmt: skip
    clients.close()


@pytest.mark.parametrize("source", ["till", "till:", "kiosk:k1", "till:a b", ":x", "till:till-1:2", "till:*x", "*"])
def test_what_is_no_source_binds_no_key(database: MariaDB, source: str) -> None:
    clients = Clients(database.owner.url, [OLD])
    with pytest.raises(ValueError, match="is no source"):
        clients.create("till", ["orders:pay@chain:demo"], sources=[source])
    made = clients.create("till", ["orders:pay@chain:demo"], sources=["till:*"])
    with pytest.raises(ValueError, match="is no source"):
        clients.bind(made["id"], ["till:*", source])
    assert [row[3] for row in clients.list()] == ['["till:*"]']
    clients.close()


def test_a_key_is_narrowed_to_its_sources(database: MariaDB) -> None:
    clients = Clients(database.owner.url, [OLD])
    made = clients.create("till", ["orders:pay@chain:demo"], sources=["*:*"])
    clients.bind(made["id"], ["till:till-1"])
    assert [row[3] for row in clients.list()] == ['["till:till-1"]']
    with pytest.raises(LookupError, match="no client nobody"):
        clients.bind("nobody", ["till:till-1"])
    clients.revoke(made["id"])
    with pytest.raises(LookupError):
        clients.bind(made["id"], ["till:till-1"])
    clients.close()


def test_the_command_makes_lists_and_binds_keys(database: MariaDB) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        made = {**os.environ, "DATABASE_URL": database.owner.url, "KEYRING": json.dumps({"keys": [OLD]})}
        command = [sys.executable, "-m", "ops", "clients", *arguments]
        done = subprocess.run(command, env=made, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, (done.stdout + done.stderr).strip()

    assert run("create", "till", "orders:pay@chain:demo") == (
        1, "orders:pay takes --source: whose orders, as till:till-1, mini_program:* or *:* for all",
    )  # fmt: skip
    status, text = run("create", "till", "orders:pay@chain:demo", "--source", "till:t1", "--source", "till:t2")
    assert status == 0
    client = json.loads(text)["id"]
    assert '["till:t1", "till:t2"]' in run("list")[1]
    assert run("bind", client, "till:t1") == (0, f"{client} is bound to till:t1 within a minute")
    assert '["till:t1"]' in run("list")[1]
    assert run("revoke", client)[0] == 0
    assert run("bind", client, "till:t1") == (1, f"no client {client}")
