"""The two READMEs say the same, and what they point to is there."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
CALL = """
import json, runpy, sys
from stack.gateway_event import Context
handler = runpy.run_path(sys.argv[1])["handler"]
print(json.dumps(handler(json.load(open(sys.argv[2])), Context())))
"""
READMES = ["README.md", "README.zh-CN.md"]
# Chinese for the words of the commands' comments and of the headings; everything else in code blocks is the same.
HEADINGS = {
    "Dumbwaiter": "Dumbwaiter",
    "What it does": "功能",
    "Run it": "运行",
    "What wakes what": "什么唤醒什么",
    "Add a function": "添加一个函数",
    "More": "更多",
}


def text(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


def prose(page: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", page, flags=re.MULTILINE | re.DOTALL)


def code(page: str) -> list[str]:
    """The code blocks without their comments."""
    blocks = re.findall(r"^ *```\w+\n(.*?)^ *```", page, flags=re.MULTILINE | re.DOTALL)
    return [re.sub(r" +# .*", "", block) for block in blocks]


def test_the_function_that_the_readme_adds_does_what_it_says(tmp_path: Path) -> None:
    [python] = [block for block in code(text("README.md")) if "handler =" in block]
    module = tmp_path / "on_order_cancelled.py"
    module.write_text(textwrap.dedent(python), encoding="utf-8")
    called = subprocess.run(
        [sys.executable, "-c", CALL, str(module), str(CHECKOUT / "events/printing/on_order_cancelled.json")],
        cwd=CHECKOUT,
        # All that serverless.yml gives an entry without rights.
        env={"STAGE": "test", "AWS_REGION": "eu-central-1", "POWERTOOLS_SERVICE_NAME": "test"},
        capture_output=True,
        text=True,
        check=True,
    )
    line, taken, answer = called.stdout.splitlines()
    assert json.loads(taken)["message"] == "message taken"
    assert (json.loads(line)["message"], json.loads(line)["refund_due"]) == ("order cancelled", 1325)
    assert json.loads(answer) == {"batchItemFailures": []}


def test_headings_are_translations_of_each_other() -> None:
    english, chinese = (re.findall(r"^(#+) (.+)$", prose(text(name)), re.MULTILINE) for name in READMES)
    assert [(level, HEADINGS[heading]) for level, heading in english] == chinese


def test_commands_and_code_are_the_same() -> None:
    english, chinese = (code(text(name)) for name in READMES)
    assert english == chinese
    assert "make run" in english[0]
    assert "make test" in english[0]


def test_every_command_and_path_named_in_one_is_named_in_the_other() -> None:
    english, chinese = (set(re.findall(r"`([^`\n]+)`", prose(text(name)))) for name in READMES)
    assert english == chinese


@pytest.mark.parametrize("page", [*READMES, *(str(p.relative_to(CHECKOUT)) for p in (CHECKOUT / "docs").rglob("*.md"))])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text(page)):
        assert ((CHECKOUT / page).parent / target).exists(), target


def test_every_make_target_that_a_readme_names_is_one() -> None:
    targets = set(
        re.findall(r"^([a-z]+)(?: [a-z ]*)?:", text("Makefile").replace("run up:", "run:\nup:"), re.MULTILINE)
    )
    for name in READMES:
        assert set(re.findall(r"make ([a-z]+)", text(name))) <= targets
