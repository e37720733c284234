"""`make deploy`, `make deployments` and `make rollback` on a stage of the emulator, with one small concern."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stack.emulator import Emulator
from tests.support.compiled import ROOT

SMALL = ROOT / "tests/stack/checkout"
# A stage is the account's own; `local` needs no built layers.
STAGE = "local"


@dataclass
class Stage:
    """What a person deploys: a tree, and an account that the emulator is."""

    tree: Path
    emulator: Emulator

    def run(self, command: str, *options: str, stage: str = STAGE) -> subprocess.CompletedProcess[str]:
        arguments = ["node", "wiring/deploy.js", command, stage, f"--tree={self.tree}", *options]
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **self.emulator.environment}
        environment["SLS_AWS_MONITORING_FREQUENCY"] = (
            "100"  # ms between two looks at the emulator; its own choice is 5 s
        )
        return subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def greeting(self) -> str:
        reply = self.emulator.client("lambda").invoke(FunctionName="dumbwaiter-local-greetings_greet")
        return str(json.load(reply["Payload"])["greeting"])

    def stacks(self) -> dict[str, Any]:
        stacks = self.emulator.client("cloudformation").describe_stacks()["Stacks"]
        return {stack["StackName"]: stack.get("LastUpdatedTime") for stack in stacks}

    def change(self, before: str, after: str) -> None:
        handler = self.tree / "functions/greetings/greet.py"
        handler.write_text(handler.read_text().replace(before, after))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("deploy")
    shutil.copytree(SMALL, folder / "tree", ignore=shutil.ignore_patterns("__pycache__", ".local"))
    for name in ("serverless.yml", "spine.yml"):
        shutil.copy(ROOT / name, folder / "tree")
    with Emulator(folder / "root") as emulator:
        yield Stage(folder / "tree", emulator)


def test_one_concern_cannot_be_deployed_before_the_spine(stage: Stage) -> None:
    done = stage.run("deploy", "--only=greetings")
    assert done.returncode == 1
    assert "There is no stack dumbwaiter-local. Deploy the whole stage first: make deploy STAGE=local" in done.stderr


def test_nothing_is_listed_of_a_stage_that_is_empty(stage: Stage) -> None:
    done = stage.run("list")
    assert done.returncode == 1
    assert "There is no stack dumbwaiter-local" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("deploy", "--only=tea"), "There is no functions/tea/functions.yml. There are: spine, greetings"),
        (("rollback", "--only=greetings"), "TO= takes one"),
        (("rollback", "--to=1"), "Which stack? make rollback"),
        (("undo",), "What? deploy, list, rollback"),
    ],
)
def test_what_cannot_be_done_is_said(stage: Stage, arguments: tuple[str, ...], sentence: str) -> None:
    done = stage.run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr


def test_a_stage_without_a_name_is_refused(stage: Stage) -> None:
    done = stage.run("deploy", stage="")
    assert done.returncode == 1
    assert "Which stage?" in done.stderr


def test_a_spine_that_fails_ends_the_deploy(stage: Stage) -> None:
    spine = stage.tree / "spine.yml"
    text = spine.read_text()
    spine.write_text(text.replace("resources:\n", "resurces:\n"))
    done = stage.run("deploy")
    spine.write_text(text)
    assert done.returncode == 1
    assert "The spine failed. No concern was deployed." in done.stderr
    assert "greetings:" not in done.stdout
    assert stage.stacks() == {}


def test_a_stage_is_deployed_and_one_concern_of_it_changed_listed_and_rolled_back(stage: Stage) -> None:
    done = stage.run("deploy")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Deployed: spine, greetings" in done.stdout
    assert stage.greeting() == "good evening"
    before = stage.stacks()

    stage.change("good evening", "good morning")
    done = stage.run("deploy", "--only=greetings")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stage.greeting() == "good morning"
    after = stage.stacks()
    assert [name for name in before if before[name] != after[name]] == ["dumbwaiter-local-greetings"]

    listed = stage.run("list", "--only=greetings")
    timestamps = re.findall(r"^greetings: Timestamp: (\d+)$", listed.stdout, re.MULTILINE)
    assert len(timestamps) == 2
    done = stage.run("rollback", "--only=greetings", f"--to={timestamps[0]}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert stage.greeting() == "good evening"
    stage.change("good morning", "good evening")


def test_a_concern_that_fails_is_named_and_the_deploy_has_failed(stage: Stage) -> None:
    wiring = stage.tree / "functions/greetings/functions.yml"
    text = wiring.read_text()
    wiring.write_text(text.replace("handler:", "hndler:"))
    done = stage.run("deploy")
    wiring.write_text(text)
    assert done.returncode == 1
    assert "Failed: greetings." in done.stderr


def test_a_stack_whose_folder_is_gone_is_named(stage: Stage) -> None:
    (stage.tree / "functions/greetings").rename(stage.tree / "functions/farewells")
    wiring = stage.tree / "functions/farewells/functions.yml"
    text = wiring.read_text()
    wiring.write_text(text.replace("greetings", "farewells").replace("GET /greeting", "GET /farewell"))
    done = stage.run("deploy")
    wiring.write_text(text)
    (stage.tree / "functions/farewells").rename(stage.tree / "functions/greetings")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The stack dumbwaiter-local-greetings has no folder functions/greetings." in done.stderr
