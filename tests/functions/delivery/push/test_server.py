"""Our key at push services: one for the stage, also of first uses at once, and never without a true contact."""

import threading
from collections.abc import Callable

import pytest

from functions.delivery.push.server import push_server
from functions.delivery.push.waking import wake_browsers
from shared.spine.env import Environment
from tests.support.deliveries import World


def test_two_first_uses_at_once_get_the_same_key(env: Environment, another_env: Callable[..., Environment]) -> None:
    with env.db.transaction() as transaction:
        transaction.execute("DELETE FROM push_servers")
    environments, gate, keys = [another_env() for _ in range(6)], threading.Barrier(6), []

    def first_use(own: Environment) -> None:
        with own.db.transaction() as transaction:
            transaction.row("SELECT 1")
            gate.wait()
            keys.append(push_server(own, transaction).public_text)

    threads = [threading.Thread(target=first_use, args=(own,)) for own in environments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 6
    assert len(set(keys)) == 1


def test_the_contact_is_the_consoles_domain(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(vars(env.settings), "stage", "prod")
    monkeypatch.setitem(vars(env.settings), "console_domain", "console.example.com")
    with env.db.transaction() as transaction:
        assert push_server(env, transaction).contact == "https://console.example.com"


def test_a_stage_without_a_domain_has_no_web_push(
    world: World, env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(env.settings), "stage", "prod")
    answer = world.desk("GET", "/v1/inbox/push-key")
    assert (answer.status, answer.json["code"]) == (503, "web_push_off")
    assert wake_browsers(env) == 0
