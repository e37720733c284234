"""The generated part of a Markdown page: the text between two markers."""

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPEN, CLOSE = "<!-- generated -->", "<!-- /generated -->"


def with_generated(page: str, text: str) -> str:
    """The page with `text` between its markers. Raises ValueError if a marker is missing."""
    before, opened, after_open = page.partition(OPEN)
    _, closed, after = after_open.partition(CLOSE)
    if not (opened and closed):
        raise ValueError(f"The page needs the lines {OPEN} and {CLOSE}")
    return f"{before}{OPEN}\n\n{text}\n\n{CLOSE}{after}"


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    headings = tuple(headings)
    lines = [headings, ("---",) * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(page: Path, text: str) -> None:
    """Replaces the generated part of the page."""
    page.write_text(with_generated(page.read_text(encoding="utf-8"), text), encoding="utf-8")
