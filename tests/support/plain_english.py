"""Finds sentences that are too long and words that plain English does without.

`python -m tests.support.plain_english [PATH ...]` prints each with its place. Sources: prose of *.md, docstrings and
messages of raised errors in *.py, descriptions of openapi.json, the text of *.html, the strings of scripts.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MOST_WORDS = 25
FOLDERS = (
    *("agent", "backtest", "bench", "clients", "demo", "docs"),
    *("functions", "generate", "ops", "shared", "stack", "web"),
)
BANNED = {
    "a component's name instead": r"\b(?:whoever|whomever|whatever|nobody|somebody)\b",
    "a sentence has a subject: no free relative clause in its place": r"^(?:What|Who)\b[^?]*\.$",
    "name the thing": r"\b(?:of|by|from|with|than|and|or) what (?:is|was|are|were|has|had)\b",
    "an everyday word": r"\b(?:anew|foreseen|lest|thereof|hereby|whilst|aforesaid|hither|betimes)\b",
    "the field's word: environment, system": r"(?<!back of )(?<!in-)\bhouse\b",
    "the field's word: holiday effect": r"\bfeasts?\b",
}
ERRORS = {"Rejected", "NotFound", "Conflict", "Unavailable", "Misconfigured", "CannotStart", "ValueError"}
# Lists of tables, triggers and messages are no sentences.
LISTS = re.compile(r"^(?:Owns|Hears|Says): .*(?:\n[ ].*)*", re.MULTILINE)
SUFFIXES = (".md", ".py", ".json", ".html", ".js", ".mjs")


@dataclass(frozen=True)
class Text:
    """One block of prose: a paragraph, a list item, a description."""

    place: str
    prose: str


def faults(text: Text) -> Iterator[str]:
    """A line for each fault, with its place."""
    for sentence in sentences(text.prose):
        if (count := len(words(sentence))) > MOST_WORDS:
            yield f"{text.place}: {count} words: {sentence}"
        for advice, pattern in BANNED.items():
            if match := re.search(pattern, sentence, re.IGNORECASE):
                yield f"{text.place}: {match[0]!r}: {advice}: {sentence}"


def sentences(prose: str) -> list[str]:
    plain = re.sub(r"`[^`]*`", "code", prose)
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", plain)
    plain = re.sub(r"\b(?:e\.g|i\.e|etc|vs|approx)\.", lambda match: match[0].replace(".", ""), plain)
    return [
        part.strip() for part in re.split(r"(?<=[.!?])[\"')*_]*\s+(?=[\"'(*_]*[A-Z0-9a-z])", " ".join(plain.split()))
    ]


def words(sentence: str) -> list[str]:
    """The words; none of a list that holds names of code alone, which is no sentence."""
    found = re.findall(r"[^\W\d_][\w'.-]*", sentence)
    return [] if set(found) == {"code"} else found


def texts(path: Path) -> Iterator[Text]:
    if path.suffix not in SUFFIXES:
        return
    content = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    if path.suffix == ".md" and "zh-CN" not in path.name:
        yield from _of_markdown(name, content)
    elif path.suffix == ".py":
        yield from _of_python(name, ast.parse(content))
    elif path.name == "openapi.json":
        yield from _of_document(name, json.loads(content))
    elif path.suffix == ".html":
        yield from _of_page(name, content)
    elif path.suffix in (".js", ".mjs"):
        yield from _of_script(name, content)


def all_files() -> list[Path]:
    return [
        *sorted(ROOT.glob("*.md")),
        *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.is_file()),
    ]


def _of_markdown(name: str, page: str) -> Iterator[Text]:
    lines: list[str] = []
    first, fenced = 1, False
    for number, line in enumerate([*page.splitlines(), ""], start=1):
        if re.match(r"\s*(```|~~~)", line):
            fenced = not fenced
        begins = re.match(r"\s*(?:[-*+] |\d+\. |#|\||>|<)", line)
        if fenced or begins or not line.strip():
            if lines:
                yield Text(f"{name}:{first}", " ".join(lines))
            lines = []
        if fenced or re.match(r"\s*(```|~~~|<|#)", line) or not line.strip():
            continue
        if line.lstrip().startswith("|"):
            yield from (Text(f"{name}:{number}", cell) for cell in re.split(r"(?<!\\)\|", line) if cell.strip())
            continue
        first = first if lines else number
        lines.append(re.sub(r"^\s*(?:[-*+] |\d+\. |> ?)", "", line).strip())


def _of_python(name: str, tree: ast.Module) -> Iterator[Text]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = LISTS.sub("", ast.get_docstring(node) or "")
            if docstring:
                line = getattr(node, "lineno", 1)
                yield from (
                    Text(text.place.rpartition(":")[0] + f":{line}", text.prose)
                    for text in _of_markdown(name, docstring)
                )
        elif isinstance(node, ast.Call) and _called(node) in ERRORS:
            for argument in node.args[-1:]:
                yield from (Text(f"{name}:{node.lineno}", text) for text in _literal(argument))


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "code" for part in node.values)  # type: ignore[misc]


def _of_document(name: str, value: Any, path: str = "") -> Iterator[Text]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key in ("description", "summary") and isinstance(child, str):
                yield from (Text(f"{name}{path}", text.prose) for text in _of_markdown(name, child))
            else:
                yield from _of_document(name, child, f"{path}/{key}")
    elif isinstance(value, list):
        for child in value:
            yield from _of_document(name, child, path)


class _Words(HTMLParser):
    BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "li", "td", "th", "button", "label", "option", "span", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self.scripts: list[str] = []
        self.code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.code += tag in ("script", "style")
        if tag in self.BLOCKS:
            self.blocks.append("")

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.code:
            self.blocks[-1] += data
        elif self.lasttag == "script":
            self.scripts.append(data)


def _of_page(name: str, page: str) -> Iterator[Text]:
    parser = _Words()
    parser.feed(page)
    yield from (Text(name, block) for block in parser.blocks if block.strip())
    for script in parser.scripts:
        yield from _of_script(name, script)


def _of_script(name: str, script: str) -> Iterator[Text]:
    """The strings of a script that have three words or more: the others are names and addresses."""
    code = re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", "", script, flags=re.DOTALL)
    for match in re.finditer(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\]|\\.)*`", code):
        prose = re.sub(r"<[^>]*>", " ", re.sub(r"\$\{[^}]*\}", "code", match[0][1:-1]))
        if re.search(r"[a-z]{2,} [a-z]+ [a-z]{2,}", prose):
            yield Text(name, prose)


def main() -> None:
    given_paths = [ROOT / name for name in sys.argv[1:]]
    files = [
        file for path in given_paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
    ] or all_files()
    lines = [fault for file in files if file.is_file() for text in texts(file) for fault in faults(text)]
    sys.stdout.write("".join(f"{line}\n" for line in lines if sys.argv[1:]) + f"{len(lines)} faults\n")


if __name__ == "__main__":
    main()
