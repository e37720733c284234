"""What every function has and no function does, checked on the tree."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from generate.flow_table import first_line, module_of
from stack.concerns import read_functions
from tests.support.compiled import ROOT
from tests.support.tables import owners

FUNCTIONS = read_functions()
MODULES = sorted(path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py"))

every_function = pytest.mark.parametrize("key", FUNCTIONS)
every_consumer = pytest.mark.parametrize(
    "key", [key for key, entry in FUNCTIONS.items() if any("message" in event for event in entry["events"])]
)


# The tree


@every_function
def test_function_has_a_module_that_exposes_its_handler(key: str) -> None:
    assert FUNCTIONS[key]["handler"].endswith(".handler")
    assert _has_handler(ROOT / module_of(FUNCTIONS[key]))


def test_handler_is_wired() -> None:
    wired = {module_of(entry) for entry in FUNCTIONS.values()}
    written = {path.relative_to(ROOT) for path in MODULES if _is_in_a_concern(path) and _has_handler(path)}
    assert written == wired


@every_function
def test_first_line_of_a_handler_says_trigger_and_effect(key: str) -> None:
    trigger, arrow, effect = first_line(module_of(FUNCTIONS[key])).partition(" → ")
    assert arrow
    assert trigger
    assert effect


@every_function
def test_function_is_named_after_its_path(key: str) -> None:
    _, concern, *_, module = module_of(FUNCTIONS[key]).with_suffix("").parts
    assert key == f"{concern}_{module}"


@every_function
def test_function_has_a_sample_of_what_wakes_it(key: str) -> None:
    assert isinstance(_sample(key), dict)


@every_consumer
def test_sample_of_a_consumer_carries_messages_that_it_takes(key: str) -> None:
    types = {message for event in _events("message", key) for message in event["types"]}
    carried = {json.loads(record["body"])["type"] for record in _sample(key)["Records"]}
    assert carried, "the sample has no records"
    assert carried <= types, f"the sample of {key} carries {sorted(carried)}, and functions.yml says {sorted(types)}"


def test_samples_are_of_functions_that_exist() -> None:
    modules = {module_of(entry).relative_to("functions").with_suffix("") for entry in FUNCTIONS.values()}
    samples = {path.relative_to(ROOT / "events").with_suffix("") for path in (ROOT / "events").rglob("*.json")}
    assert samples <= modules


def test_only_settings_reads_the_environment() -> None:
    readers = [path.relative_to(ROOT).as_posix() for path in MODULES if _reads_environment(path)]
    assert readers == ["shared/spine/settings.py"]


def test_importing_connects_nowhere_and_starts_nothing() -> None:
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES]
    script = """
import importlib, sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.fork", "os.posix_spawn"):
        raise AssertionError(f"{event} {arguments}")
sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
    command = [sys.executable, "-c", script, *modules]
    done = subprocess.run(command, cwd=ROOT, check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_table_has_one_owner_that_alone_writes_it() -> None:
    owner_of = owners()
    writers = {(path, table) for path in MODULES for table in _tables_written(path)}
    strangers = [
        f"{path.relative_to(ROOT)} writes {table}, which belongs to {owner_of.get(table, 'no concern')}"
        for path, table in sorted(writers)
        if _owner(path) != owner_of.get(table)
    ]
    assert strangers == []
    assert {table for _, table in writers} - {"api_clients"}, "the scan must see the writes there are"


def test_every_migration_names_its_owner_and_its_moment() -> None:
    for path in sorted((ROOT / "migrations").glob("*.sql")):
        head = path.read_text(encoding="utf-8").splitlines()[:2]
        assert re.fullmatch(r"-- owner: [a-z]+", head[0]), path.name
        assert re.fullmatch(r"-- run: (before|after) deploy", head[1]), path.name


def test_consumers_wait_for_messages_that_somebody_announces() -> None:
    announced = [message for entry in FUNCTIONS.values() for message in entry.get("announces", [])]
    waited_for = {message for event in _events("message") for message in event["types"]}
    assert waited_for <= set(announced)
    assert sorted(set(announced)) == sorted(_message_types()), "shared/contracts/messages disagrees"


def test_wiring_names_no_partition_region_or_url_suffix() -> None:
    # lint.js compiles for a region of each partition and deploys nothing.
    files = [ROOT / "serverless.yml", ROOT / "spine.yml", *ROOT.glob("functions/*/functions.yml")]
    files += [path for path in (ROOT / "wiring").glob("*.js") if path.name != "lint.js"]
    # A service's principal is called so in every partition.
    named = re.compile(r"arn:aws|\b[a-z]{2}-[a-z]+-\d\b|(?<!'lambda\.)(?<!'sns\.)amazonaws")
    found = [f"{path.name}: {match[0]}" for path in files for match in named.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


def test_layers_hold_the_versions_that_the_tests_run_with() -> None:
    tested = set(_pins(ROOT / "requirements/dev.txt"))
    for path in (ROOT / "layers").glob("*/requirements.txt"):
        assert set(_pins(path)) <= tested, path


# How they are read


def _sample(key: str) -> Any:
    name = Path("events") / module_of(FUNCTIONS[key]).relative_to("functions").with_suffix(".json")
    assert (ROOT / name).is_file(), f"{key} lacks {name}, a sample of the event that wakes it"
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def _is_in_a_concern(path: Path) -> bool:
    return path.is_relative_to(ROOT / "functions") and path.parent != ROOT / "functions"


def _has_handler(path: Path) -> bool:
    return "handler" in _names_at_top(ast.parse(path.read_text(encoding="utf-8")))


def _names_at_top(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _reads_environment(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = node.attr if isinstance(node, ast.Attribute) else node.name if isinstance(node, ast.alias) else ""
        if name in {"environ", "environb", "getenv", "getenvb"}:
            return True
    return False


WRITES = re.compile(r"(?:INSERT (?:IGNORE )?INTO|REPLACE INTO|DELETE FROM|(?<!FOR )(?<!KEY )UPDATE)\s+(\w+)")


def _tables_written(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {table for text in texts for table in WRITES.findall(text)}


def _owner(path: Path) -> str:
    top, *below = path.relative_to(ROOT).parts
    return below[0] if top == "functions" else top


def _message_types() -> set[str]:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "shared/contracts/messages").glob("*.py")]
    return {
        node.value.value
        for kind in chain.from_iterable(map(ast.walk, trees))
        if isinstance(kind, ast.ClassDef)
        for node in kind.body
        if isinstance(node, ast.Assign)
        and [target.id for target in node.targets if isinstance(target, ast.Name)] == ["type"]
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def _events(kind: str, key: str | None = None) -> list[dict[str, Any]]:
    entries = [FUNCTIONS[key]] if key else FUNCTIONS.values()
    return [event[kind] for entry in entries for event in entry["events"] if kind in event]


def _pins(path: Path) -> list[str]:
    return re.findall(r"^([\w.-]+==[\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
