"""API clients by hand: made, rotated, revoked, and put under a new key."""

import pytest
from cryptography.fernet import Fernet, InvalidToken

from local.clients import Clients
from local.mariadb import MariaDB
from shared.auth import cipher

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_secrets_put_under_a_new_key_need_the_old_one_no_more(database: MariaDB) -> None:
    before = Clients(database.owner.url, [OLD])
    made = before.create("till", ["orders:write@store:demo:s1"])
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


def test_agents_keys_and_kept_replies_are_put_under_the_new_key_too(database: MariaDB) -> None:
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
        both = Clients(database.owner.url, [NEW, OLD])
        assert both.reencrypt() == 2
        both.close()
        for table in ("print_agents", "secret_replies"):
            cursor.execute(f"SELECT encrypted FROM {table}")
            [(encrypted,)] = cursor.fetchall()
            assert cipher([NEW]).decrypt(bytes(encrypted)) == b"secret"


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
        clients.create("till", ["orders:write@store:demo:s1"], requests_per_second=0)
    clients.close()
