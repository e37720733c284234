"""The operator's command makes the first person of a chain."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from ops.people import Role
from stack.mariadb import MariaDB
from tests.support.people import Browser, signed_in


@pytest.fixture
def run(database: MariaDB, env: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    del env
    monkeypatch.setenv("DATABASE_URL", database.owner.url)

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(["people", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return command


def test_the_first_person_signs_in_with_the_shown_password(run: Any) -> None:
    status, out, _ = run("add", "Hedy@Example.com", "Hedy Office", "head_office", "--chain", "demo")
    assert status == 0
    made = json.loads(out)
    assert made["email"] == "hedy@example.com"
    answer = Browser().sign_in("hedy@example.com", made["password"])
    assert answer.json["roles"] == [{"role": "head_office", "level": "chain", "scope": "demo"}]
    assert made["password"] not in run("list")[1]


def test_an_address_is_in_a_chain_once_and_in_two_chains_twice(run: Any) -> None:
    arguments = ("add", "a@example.com", "A", "head_office", "--chain")
    assert run(*arguments, "demo")[0] == 0
    status, _, err = run(*arguments, "demo")
    assert (status, "has a person" in err) == (1, True)
    assert run(*arguments, "rival")[0] == 0


def test_a_disabled_person_is_out_at_once(run: Any) -> None:
    made = json.loads(run("add", "ops@example.com", "Olga Operator", "stage_operator", "--chain", "demo")[1])
    browser = Browser()
    assert browser.sign_in(made["email"], made["password"]).status == 201
    assert run("disable", "Ops@example.com", "--chain", "rival")[0] == 1
    assert browser("GET", "/v1/session").status == 200
    assert "is disabled" in run("disable", "Ops@example.com", "--chain", "demo")[1]
    assert browser("GET", "/v1/session").status == 401
    assert Browser().sign_in(made["email"], made["password"]).status == 401
    assert "before" in run("disable", "ops@example.com", "--chain", "demo")[1]


def test_a_link_gives_another_password_once(run: Any) -> None:
    made = json.loads(run("add", "ops@example.com", "Olga Operator", "stage_operator", "--chain", "demo")[1])
    before = Browser()
    assert before.sign_in(made["email"], made["password"]).status == 201
    first = _token(run("link", "Ops@example.com", "--chain", "demo")[1])
    status, out, _ = run("link", "ops@example.com", "--chain", "demo", "--console", "https://x.example/console/")
    second, body = _token(out), {"password": "another battery staple"}
    assert (status, json.loads(out)["link"]) == (0, f"https://x.example/console/link#{second}")
    assert timedelta(hours=71) < datetime.fromisoformat(json.loads(out)["expires_at"]) - datetime.now(UTC)
    assert Browser()("POST", "/v1/links/use", body | {"token": first}).status == 410
    assert before("GET", "/v1/session").status == 200
    assert Browser()("POST", "/v1/links/use", body | {"token": second}).status == 201
    assert Browser()("POST", "/v1/links/use", body | {"token": second}).status == 410
    assert before("GET", "/v1/session").status == 401
    assert Browser().sign_in(made["email"], made["password"]).status == 401
    assert Browser().sign_in(made["email"], body["password"]).status == 201


def test_no_link_is_made_for_an_unknown_or_a_disabled_person(run: Any) -> None:
    run("add", "ops@example.com", "Olga Operator", "stage_operator", "--chain", "demo")
    for arguments in (("ops@example.com", "--chain", "rival"), ("other@example.com", "--chain", "demo")):
        status, _, err = run("link", *arguments)
        assert (status, "has no person" in err) == (1, True)
    run("disable", "ops@example.com", "--chain", "demo")
    status, _, err = run("link", "ops@example.com", "--chain", "demo")
    assert (status, "is disabled" in err) == (1, True)


def test_each_change_of_the_command_stands_in_the_audit_trail(run: Any, database: MariaDB) -> None:
    added = json.loads(run("add", "ops@example.com", "Olga Operator", "stage_operator", "--chain", "demo")[1])
    token = _token(run("link", "ops@example.com", "--chain", "demo")[1])
    run("disable", "ops@example.com", "--chain", "demo")
    assert run("link", "ops@example.com", "--chain", "demo")[0] == 1  # leaves no entry
    hedy = signed_in(database.owner.url, "head_office")
    entries = [entry for entry in hedy("GET", "/v1/audit?chain=demo").json["entries"] if entry["actor"] == "command"]
    person = f"/v1/people/{added['id']}"
    assert [(entry["operation"], entry["path"], entry["fields"]) for entry in reversed(entries)][:3] == [
        ("people.invite_person", "/v1/people", ["email", "name", "roles"]),
        ("people.make_link", f"{person}/links", []),
        ("people.change_person", person, ["disabled"]),
    ]
    assert token not in json.dumps(entries)


def _token(out: str) -> str:
    return str(json.loads(out)["link"]).partition("#")[2]


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("head_office", Role("head_office", "chain", "demo")),
        ("region:north", Role("region", "region", "north")),
        ("store_manager:main", Role("store_manager", "store", "main")),
        ("operator:store:main", Role("operator", "store", "main")),
        ("operator:chain:demo", Role("operator", "chain", "demo")),
        ("stage_operator", Role("stage_operator", "chain", "demo")),
    ],
)
def test_a_role_is_read_from_its_text(text: str, role: Role) -> None:
    assert Role.parse(text, "demo") == role


@pytest.mark.parametrize(
    "text", ["root", "store_manager", "region:", "operator:planet:mars", "head_office:store:s1", ":"]
)
def test_other_texts_are_no_roles(text: str) -> None:
    with pytest.raises(ValueError, match=r"role|place"):
        Role.parse(text, "demo")


def test_the_commands_stand_in_the_page_of_the_operator() -> None:
    page = Path("docs/operate/people.md").read_text(encoding="utf-8")
    for command in ("add", "list", "link", "disable"):
        assert f"./dumbwaiter people {command}" in page, command
