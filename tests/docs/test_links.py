"""Every relative link of a Markdown page leads to a file, and every anchor to a heading of that file."""

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
EXTERNAL = re.compile(r"[a-z]+:")


def markdown_pages() -> list[str]:
    """Git knows the pages of this repository, so installed packages stay out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in names if (ROOT / name).exists()]


def prose(page: Path) -> str:
    """The text without its code blocks."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that GitHub makes from the headings."""
    slugs: list[str] = []
    repeats: Counter[str] = Counter()
    for heading in re.findall(r"^#+ +(.+?) *$", prose(page), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        slugs.append(f"{slug}-{repeats[slug]}" if repeats[slug] else slug)
        repeats[slug] += 1
    return frozenset(slugs)


def broken_links(page: Path) -> list[str]:
    links = [link for link in LINK.findall(prose(page)) if not EXTERNAL.match(link)]
    return [link for link in links if not resolves(page, link)]


def resolves(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in anchors(target))


@pytest.mark.parametrize("name", markdown_pages())
def test_links_and_anchors_resolve(name: str) -> None:
    assert broken_links(ROOT / name) == []


def test_a_missing_file_and_a_missing_heading_are_broken_links(tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# One `word`, two\n\n## Same\n\n## Same\n\n```sh\n# No heading\n```\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n[a](other.md) [b](other.md#one-word-two) [c](#page) [d](https://example.com/x#y)\n"
        "[e](other.md#same-1) [f](none.md) [g](other.md#no-heading) [h](#other)\n```\n[i](none.md)\n```\n",
        encoding="utf-8",
    )
    assert broken_links(page) == ["none.md", "other.md#no-heading", "#other"]
