import json
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stack import children, ports
from stack.addresses import CHECKOUT
from stack.mariadb import CannotStart, MariaDB
from stack.stack import Stack
from tests.support.processes import lives, mentioning

# One small concern; the spine and the wiring are the real ones.
SMALL = Path(__file__).parent / "checkout"
WIRING = "functions/greetings/functions.yml"


def a_stack(folder: Path) -> Stack:
    checkout = folder / "checkout"
    if not checkout.exists():
        shutil.copytree(SMALL, checkout, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("serverless.yml", "spine.yml"):
            shutil.copy(CHECKOUT / name, checkout)
    return Stack(folder / "root", checkout=checkout, durable=False)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with a_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


def greet(stack: Stack) -> Any:
    reply = stack.emulator.client("lambda").invoke(FunctionName="dumbwaiter-local-greetings_greet")
    return json.load(reply["Payload"])


def processes(stack: Stack) -> list[children.Child | None]:
    return [children.find(stack.root / name) for name in ("mariadb.json", "ministack.json")]


def change(stack: Stack, file: str, before: str, after: str) -> None:
    path = stack.checkout / file
    path.write_text(path.read_text().replace(before, after))


def test_a_function_runs_and_talks_to_its_own_emulator(stack: Stack) -> None:
    assert greet(stack)["endpoint"] == stack.place.aws_endpoint


def test_stack_json_says_where_everything_is_to_its_owner_only(stack: Stack) -> None:
    file = stack.root / "stack.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = json.loads(file.read_text())
    assert set(said) == {"http", "websocket", "console", "aws_endpoint", "mysql", "keys", "people"}
    assert said["http"] == f"{stack.emulator.endpoint}/_aws/execute-api/dumbwaiter"
    assert said["console"] == f"{said['http'].replace('127.0.0.1', 'localhost')}/console"
    with stack.place.database.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW TABLES LIKE 'messages'")
        assert cursor.fetchall() == (("messages",),)


def test_the_functions_secrets_open_the_database_with_rights_on_rows_only(stack: Stack) -> None:
    manager = stack.emulator.client("secretsmanager")
    secret = json.loads(manager.get_secret_value(SecretId="dumbwaiter/local/database")["SecretString"])
    assert (secret["username"], secret["dbname"]) == ("functions", "dumbwaiter")
    assert secret["password"] == stack.db.functions.password != stack.db.owner.password
    keyring = json.loads(manager.get_secret_value(SecretId="dumbwaiter/local/keyring")["SecretString"])
    assert len(keyring["keys"]) == 1


def test_a_second_up_changes_nothing(stack: Stack) -> None:
    before = processes(stack), (stack.root / "deploy.log").stat().st_mtime_ns
    Stack(stack.root, checkout=stack.checkout, durable=False).up()
    assert (processes(stack), (stack.root / "deploy.log").stat().st_mtime_ns) == before


def test_changed_sources_are_deployed_into_the_running_stack(stack: Stack) -> None:
    before = processes(stack)
    assert greet(stack)["greeting"] == "good evening"
    change(stack, "functions/greetings/greet.py", "good evening", "good morning")
    stack.up()
    assert greet(stack)["greeting"] == "good morning"
    assert processes(stack) == before


def test_a_deploy_that_fails_leaves_the_running_stack_as_it_was(stack: Stack) -> None:
    before = processes(stack), greet(stack)
    change(stack, WIRING, "handler:", "hndler:")
    with pytest.raises(CannotStart, match="hndler"):
        stack.up()
    change(stack, WIRING, "hndler:", "handler:")
    assert (processes(stack), greet(stack)) == before
    assert stack.running()


def test_a_killed_emulator_comes_back_with_its_stack(stack: Stack) -> None:
    stack.emulator.stop()
    stack.up()
    assert greet(stack)


def test_what_a_killed_emulators_queues_may_have_held_is_to_be_sent_again(stack: Stack) -> None:
    with stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        for number, minutes in enumerate((0, 9, 11)):
            cursor.execute(
                "INSERT INTO messages (id, subject, sequence, type, occurred_at, body, sent_at) VALUES"
                " (%s, 'order/1', %s, 'order.placed', NOW(), '{}', NOW() - INTERVAL %s MINUTE)",
                (f"01JD0{number:021}", number + 1, minutes),
            )
        stack.emulator.stop()
        stack.up()
        cursor.execute("SELECT sequence FROM messages WHERE subject = 'order/1' AND sent_at IS NULL ORDER BY sequence")
        assert cursor.fetchall() == ((1,), (2,))


def test_a_start_that_fails_leaves_nothing(tmp_path: Path) -> None:
    stack = a_stack(tmp_path)
    change(stack, WIRING, "handler:", "hndler:")
    with pytest.raises(CannotStart):
        stack.up()
    assert processes(stack) == [None, None]
    assert ports.is_free(stack.emulator.port)
    assert ports.is_free(stack.db.owner.port)
    assert not (stack.root / "stack.json").exists()


def test_a_start_that_fails_leaves_alone_what_ran_before(tmp_path: Path) -> None:
    stack = a_stack(tmp_path)
    change(stack, WIRING, "handler:", "hndler:")
    with MariaDB(stack.root, durable=False) as db:
        before = children.find(db.record)
        with pytest.raises(CannotStart):
            stack.up()
        assert processes(stack) == [before, None]


def test_with_database_url_no_database_is_started_and_none_stopped(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = replace(stack.db.owner, database="dumbwaiter_given")
    monkeypatch.setenv("DATABASE_URL", given.url)
    with a_stack(tmp_path) as other:
        assert other.place.database == given
        assert greet(other)["pid"] != greet(stack)["pid"]
        assert not (other.root / "mysql").exists()
    assert stack.db.running()


def test_a_stack_that_is_not_up_says_how_to_bring_it_up(tmp_path: Path) -> None:
    stack = a_stack(tmp_path)
    assert not stack.running()
    stack.down()
    with pytest.raises(CannotStart, match="make up"):
        _ = stack.place


def test_down_ends_the_workers_too(tmp_path: Path) -> None:
    with a_stack(tmp_path) as stack:
        worker = int(greet(stack)["pid"])
        assert lives(worker)
    assert not lives(worker)
    assert mentioning(str(stack.root)) == []
    assert not (stack.root / "ministack").exists()
