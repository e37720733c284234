"""The two READMEs say the same, and what they point to is there."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
READMES = ["README.md", "README.zh-CN.md"]
# Chinese for the words of the commands' comments and of the headings; everything else in code blocks is the same.
HEADINGS = {
    "Dumbwaiter": "Dumbwaiter",
    "Run it": "运行",
    "What wakes what": "什么唤醒什么",
    "Add a function": "添加一个函数",
    "More": "更多",
}


def text(name: str) -> str:
    return (HOUSE / name).read_text(encoding="utf-8")


def prose(page: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", page, flags=re.MULTILINE | re.DOTALL)


def code(page: str) -> list[str]:
    """The code blocks without their comments."""
    blocks = re.findall(r"^ *```\w+\n(.*?)^ *```", page, flags=re.MULTILINE | re.DOTALL)
    return [re.sub(r" +# .*", "", block) for block in blocks]


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


@pytest.mark.parametrize("page", [*READMES, *(str(p.relative_to(HOUSE)) for p in (HOUSE / "docs").glob("*.md"))])
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text(page)):
        assert ((HOUSE / page).parent / target).exists(), target


def test_every_make_target_that_a_readme_names_is_one() -> None:
    targets = set(
        re.findall(r"^([a-z]+)(?: [a-z ]*)?:", text("Makefile").replace("run up:", "run:\nup:"), re.MULTILINE)
    )
    for name in READMES:
        assert set(re.findall(r"make ([a-z]+)", text(name))) <= targets
