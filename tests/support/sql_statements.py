"""Every SQL statement of the product: the constants of functions/ and shared/, and the migrations."""

import ast
import importlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlglot import Dialect, errors, exp, parse_one
from sqlglot.tokenizer_core import TokenType

from tests.support.compiled import ROOT

BEGINS = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|ALTER|CREATE|DROP)\s")
GAP = re.compile(r"\{[^}]*\}")
CODE = ("functions", "shared")
MYSQL = Dialect.get_or_raise("mysql")
TEXTS = {TokenType.STRING, TokenType.NATIONAL_STRING}


@dataclass(frozen=True)
class Statement:
    """`place` is concern.NAME for a constant, `view NAME` for a view, and else the migration's file name."""

    place: str
    text: str

    @property
    def words(self) -> str:
        """The statement in capitals, one space between its words, without comments and texts."""
        tokens = MYSQL.tokenize(GAP.sub("", _with_values(self.text)))
        return " ".join("''" if token.token_type in TEXTS else token.text.upper() for token in tokens)

    def is_read(self) -> bool:
        """Whether the parser reads it. A gap of a template holds an expression, or nothing."""
        pieces = GAP.split(_with_values(self.text))
        return any(map(_is_read, _filled(pieces)))


@cache
def statements() -> tuple[Statement, ...]:
    return (*_constants(), *_inner_statements(), *_migrations())


def _constants() -> Iterator[Statement]:
    for path in _modules():
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name in _assigned_names(path):
            text = getattr(module, name, None)
            if isinstance(text, str) and BEGINS.match(text):
                yield Statement(f"{_concern(path)}.{name}", text)


def _inner_statements() -> Iterator[Statement]:
    """Of functions and classes. The place is the name of the function or class."""
    for path in _modules():
        for definition in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(definition, ast.FunctionDef | ast.ClassDef):
                for node in ast.walk(definition):
                    if isinstance(node, ast.Constant) and BEGINS.match(str(node.value)):
                        yield Statement(f"{_concern(path)}.{definition.name}", str(node.value))


def _migrations() -> Iterator[Statement]:
    for path in sorted((ROOT / "migrations").glob("*.sql")):
        text = re.sub(r"^\s*--.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for statement in filter(str.strip, re.split(r";\s*$", text, flags=re.MULTILINE)):
            view = re.search(r"\bVIEW\s+(\w+)\s+AS\b", statement)
            yield Statement(f"view {view[1]}" if view else path.name, statement.strip())


def _modules() -> list[Path]:
    return sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py"))


def _assigned_names(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _concern(path: Path) -> str:
    folder, concern, *_ = path.relative_to(ROOT).parts
    return concern if folder == "functions" else folder


def _with_values(text: str) -> str:
    """A statement with values in place of its parameters."""
    text = re.sub(r"\bIN %(?:\(\w+\))?s", "IN (1)", text)
    return re.sub(r"%(?:\(\w+\))?s", "1", text).replace("%%", "%")


def _filled(pieces: list[str]) -> Iterator[str]:
    for fillings in itertools.product(("x", ""), repeat=len(pieces) - 1):
        yield "".join(itertools.chain(*zip(pieces, (*fillings, ""), strict=True)))


def _is_read(text: str) -> bool:
    try:
        return not isinstance(parse_one(text, dialect=MYSQL), exp.Command)
    except errors.SqlglotError:
        return False
