"""Words of the console for names that other code gives: none is shown as a code, and none is left over."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
import yaml

from functions.console.alerts.kinds import BY_NAME
from functions.console.orders.timeline import KINDS
from functions.members.tags.registry import TAGS
from generate.openapi import OPERATIONS
from shared.contracts import messages
from shared.contracts.messages import MessageData
from shared.spine.http import Operation
from tests.support.paths import ROOT

VIEWS, PARTS = ROOT / "web/console/views", ROOT / "web/console/parts"
# Of a till's sale before it is an order: not in the trace of an order.
OF_SALES = {"sale.placed", "sale.refused", "sync.sale_pulled"}
KINDS_OF_STORES = ("print_job", "printer", "agent_offline", "agent_copied", "late_delivery", "timer")


def block(file: Path, name: str) -> set[str]:
    """The names in `name: { … }` of a file with texts."""
    text = file.read_text(encoding="utf-8")
    [found] = re.findall(rf"^  {name}: \{{(.*?)\}}", text, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"(\w+): \"", found))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_kind_of_alert_has_words(language: str) -> None:
    assert block(VIEWS / f"today/{language}.ts", "kinds") == {*BY_NAME, *KINDS_OF_STORES}


def types_about_orders() -> set[str]:
    """The types of the messages that name an order, of all concerns."""
    for found in iter_modules(messages.__path__):
        import_module(f"{messages.__name__}.{found.name}")
    classes = list(MessageData.__subclasses__())
    for one in classes:
        classes += one.__subclasses__()
    return {one.type for one in classes if "type" in vars(one) and "order" in one.model_fields} - OF_SALES


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_message_that_may_be_about_an_order_has_words_and_a_kind(language: str) -> None:
    text = (VIEWS / f"orders/{language}.ts").read_text(encoding="utf-8")
    [events] = re.findall(r"^  events: \{(.*?)\n  \}", text, re.DOTALL | re.MULTILINE)
    types = types_about_orders()
    assert len(types) > 25
    assert set(re.findall(r'"([a-z_]+\.[a-z_]+)": "', events)) == types
    assert {KINDS.get(one.partition(".")[0]) for one in types} <= block(VIEWS / f"orders/{language}.ts", "kinds")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tag_and_each_of_its_fixed_values_has_words(language: str) -> None:
    file = VIEWS / f"members/{language}.ts"
    assert block(file, "names") == set(TAGS)
    assert block(file, "values") == {value for tag in TAGS.values() for value in tag.values}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_of_a_tag_has_words(language: str) -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "functions/members/tags").glob("*.py"))
    reasons = re.findall(r'(?:why = |Value\(.*)(\{".*\})', code) + re.findall(r'why\[("\w+")\]', code)
    names = {name for text in reasons for name in re.findall(r'"(\w+)"(?::|$)', text)}
    assert len(names) > 10
    assert block(VIEWS / f"members/{language}.ts", "reasons") == names


def test_each_operation_that_the_audit_trail_records_has_words() -> None:
    text = (VIEWS / "audit/operations.ts").read_text(encoding="utf-8")
    blocks = re.findall(r"^  (\w+): \{(.*?)^  \}", text, re.DOTALL | re.MULTILINE)
    named = {
        f"{concern}.{name}" for concern, block in blocks for name in re.findall(r"^    (\w+): \[", block, re.MULTILINE)
    }
    of_people = [operation for operation in OPERATIONS if not (operation.public or operation.guests)]
    recorded = {_recorded_name(one) for one in of_people if (one.mutates or one.looks) and not one.routine}
    assert recorded - named == set()
    assert named <= {_recorded_name(operation) for operation in OPERATIONS}
    assert len(recorded) > 100


def _recorded_name(operation: Operation) -> str:
    """As the audit trail has it."""
    return f"{operation.view.__module__.split('.')[1]}.{operation.view.__name__}"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_timer_has_a_name(language: str) -> None:
    names = {
        name
        for file in (ROOT / "functions").glob("*/functions.yml")
        for name, function in yaml.safe_load(file.read_text(encoding="utf-8"))["functions"].items()
        if any("schedule" in event for event in function.get("events", ()))
    }
    assert len(names) > 20
    assert block(PARTS / f"timers/{language}.ts", "names") == names
    # The API says in English what a timer does.
    assert language == "en" or block(PARTS / f"timers/{language}.ts", "does") == names
