"""The views ask the API for what it has: paths of operations, and names of their queries."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.support.paths import ROOT

VIEWS = ROOT / "web/console/views"
PATHS: dict[str, Any] = json.loads((ROOT / "functions/portal/openapi.json").read_text(encoding="utf-8"))["paths"]
# useApi<T>(asked ? "/v1/…" : null, { names }): the text in quotes, and the names between the braces.
READ = re.compile(r'(?:useApi|usePages)<.*?>\((?:[^"`,]*\? )?["`](/v1/[^"`]*)["`](?: : null)?, \{(.*?)\}[,)]')
WRITE = re.compile(r'(post|send)(?:<.*?>)?\((?:"([A-Z]+)", )?["`](/v1/[^"`]*)["`]')


class Asked(NamedTuple):
    """A call of a view. `names` are those of its query; it may have more where it spreads a value."""

    file: str
    method: str
    path: str
    names: frozenset[str]


def asked() -> Iterator[Asked]:
    for file in sorted(VIEWS.rglob("*.tsx")):
        text = file.read_text(encoding="utf-8")
        name = file.relative_to(VIEWS).as_posix()
        for path, query in READ.findall(text):
            words = re.sub(r"\([^)]*\)|\.\.\.\w+", "", query)
            names = (part.partition(":")[0].strip() for part in words.split(","))
            yield Asked(name, "get", path, frozenset(part for part in names if part))
        for verb, method, path in WRITE.findall(text):
            bare, _, query = path.partition("?")
            names = (pair.partition("=")[0] for pair in query.split("&") if pair)
            yield Asked(name, (method or ("POST" if verb == "post" else "")).lower(), bare, frozenset(names))


def operations_at(path: str) -> list[dict[str, Any]]:
    """The operations whose path this is; a `${…}` stands for any one part."""
    if path in PATHS:
        return [PATHS[path]]
    parts = re.sub(r"\$\{[^}]*\}", "*", path).split("/")
    return [
        operations
        for template, operations in PATHS.items()
        if len(template.split("/")) == len(parts)
        and all(one == two or one.startswith("{") for one, two in zip(template.split("/"), parts, strict=True))
    ]


@pytest.mark.parametrize("call", sorted(set(asked())), ids=lambda call: f"{call.file} {call.method} {call.path}")
def test_a_view_asks_for_what_the_api_has(call: Asked) -> None:
    matching = [operations[call.method] for operations in operations_at(call.path) if call.method in operations]
    assert matching
    for operation in matching:
        query = {
            one["name"]: one.get("required", False) for one in operation.get("parameters", []) if one["in"] == "query"
        }
        assert call.names <= set(query)
        assert {name for name, needed in query.items() if needed} <= call.names


def test_the_calls_of_the_views_are_found() -> None:
    assert {"get", "post", "put", "delete"} <= {call.method for call in asked()}
    assert len(set(asked())) > 40
