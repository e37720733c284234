"""The operator's command says from which addresses a chain may send mails."""

from collections.abc import Callable

import pytest

from ops.__main__ import main
from stack.mariadb import MariaDB

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database: MariaDB, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("DATABASE_URL", database.owner.url)

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(["mail", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return command


def test_a_sender_is_allowed_once_and_forbidden_again(run: Run) -> None:
    for _ in range(2):
        assert run("allow", "Books@Example.com", "--chain", "demo")[0] == 0
    [line] = run("list")[1].splitlines()
    assert line.startswith("demo  books@example.com  ")
    assert run("forbid", "books@example.com", "--chain", "rival")[0] == 1
    assert run("forbid", "BOOKS@example.com", "--chain", "demo")[0] == 0
    assert run("list")[1].strip() == ""


@pytest.mark.parametrize("sender", ["com", "a@", "a@b@example.com", "exa mple.com", "@example.com", "x" * 251 + ".com"])
def test_what_is_no_address_and_no_domain_is_refused(run: Run, sender: str) -> None:
    status, _, err = run("allow", sender, "--chain", "demo")
    assert (status, "no address and no domain" in err) == (1, True)
    assert run("list")[1].strip() == ""
