"""`python -m generate.decisions_index` → docs/decisions/README.md, the table of all decisions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs/decisions"
FIELDS = ["Date", "Status", "Chosen", "Instead of", "Why and price"]
TITLE = re.compile(r"# (\d{4}) · (.+)")
FIELD = re.compile(r"^- \*\*([^:*]+):\*\* (.+?)(?=\n- \*\*|\Z)", re.MULTILINE | re.DOTALL)
HEAD = """# Decisions

Each page is one decision in five lines: date, status, the choice, the alternatives, and the reason with its price.
Figures are from one 2-core machine. Ratios hold on other machines; times do not.

A status is one of these:

- **holds**: the code follows the decision.
- **holds, amended by** another decision: read both pages.
- **superseded by** another decision: read only the other page.

To add a decision, copy a page, take the next number, and run `.venv/bin/python -m generate.decisions_index`.
A later decision never changes the text of an earlier one, only its status.

| number | decision | date | status |
| --- | --- | --- | --- |
"""


@dataclass(frozen=True)
class Decision:
    """One page. `fields` has the texts by their names, in the order of the page."""

    file: str
    number: str
    title: str
    fields: dict[str, str]


def main() -> None:
    (FOLDER / "README.md").write_text(render(read_decisions(FOLDER)), encoding="utf-8")


def read_decisions(folder: Path) -> list[Decision]:
    """The pages by number. Raises ValueError for a page without a title line."""
    return [read_decision(page) for page in sorted(folder.glob("*.md")) if page.name != "README.md"]


def read_decision(page: Path) -> Decision:
    text = page.read_text(encoding="utf-8").rstrip()
    title = TITLE.match(text)
    if not title:
        raise ValueError(f"{page.name} does not begin with `# NNNN · Title`. Add that line.")
    fields = {name: " ".join(body.split()) for name, body in FIELD.findall(text)}
    return Decision(page.name, title[1], title[2], fields)


def render(decisions: Iterable[Decision]) -> str:
    """The index page as Markdown."""
    return HEAD + "".join(map(row, decisions))


def row(decision: Decision) -> str:
    title = f"[{decision.title}]({decision.file})"
    return f"| {decision.number} | {title} | {decision.fields['Date']} | {decision.fields['Status']} |\n"


if __name__ == "__main__":
    main()
