"""Finds the changes of an OpenAPI document that an old client would notice: all but additions.

A schema has a direction. A schema of a request may only become wider: the server accepts every old body. A schema of a
reply may only become richer: every old field is there, with a type that the old client knows. An enumeration of a reply
may grow, as docs/api/messages.md tells consumers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
# A larger value allows more, or a smaller one does.
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")


def removals(old: Json, new: Json) -> list[str]:
    """A line for each change from `old` to `new` that is no addition."""
    return list(dict.fromkeys(_Comparison(old, new).differences()))


@dataclass
class _Comparison:
    old: Json
    new: Json
    # Differences by pair of references. A pair that refers to itself has none until its comparison ends.
    compared: dict[tuple[str, str, bool], list[str]] = field(default_factory=dict)

    def differences(self) -> Iterator[str]:
        for path, operations in self.old["paths"].items():
            for method in (name for name in METHODS if name in operations):
                place = f"{method.upper()} {path}"
                new = self.new["paths"].get(path, {}).get(method)
                if new is None:
                    yield f"{place} is gone"
                else:
                    yield from self._operation(place, operations[method], new)

    def _operation(self, place: str, old: Json, new: Json) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{place} has another operationId"
        if any(choice not in new.get("security", [{}]) for choice in old.get("security", [{}])):
            yield f"{place} takes another signature"
        yield from self._parameters(place, old.get("parameters", []), new.get("parameters", []))
        yield from self._request_body(place, old.get("requestBody"), new.get("requestBody"))
        for status, reply in old["responses"].items():
            if status not in new["responses"]:
                yield f"{place}: reply {status} is gone"
            else:
                yield from self._reply(f"{place}: reply {status}", reply, new["responses"][status])

    def _parameters(self, place: str, old: list[Json], new: list[Json]) -> Iterator[str]:
        before = {(one["in"], one["name"].lower()): one for one in old}
        after = {(one["in"], one["name"].lower()): one for one in new}
        for key, one in before.items():
            name = f"{place}: parameter {key[1]}"
            if key not in after:
                yield f"{name} is gone"
                continue
            if after[key].get("required") and not one.get("required"):
                yield f"{name} is required"
            yield from self._schema(name, one["schema"], after[key]["schema"], request=True)
        for key in after.keys() - before.keys():
            if after[key].get("required"):
                yield f"{place}: parameter {key[1]} is new and required"

    def _request_body(self, place: str, old: Json | None, new: Json | None) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required"):
                yield f"{place}: a body is required"
            return
        if new is None:
            yield f"{place}: the body is gone"
            return
        if new.get("required") and not old.get("required"):
            yield f"{place}: the body is required"
        yield from self._content(f"{place}: body", old["content"], new["content"], request=True)

    def _reply(self, place: str, old: Json, new: Json) -> Iterator[str]:
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        for name in old.get("headers", {}):
            if name not in new.get("headers", {}):
                yield f"{place}: header {name} is gone"
        yield from self._content(place, old.get("content", {}), new.get("content", {}), request=False)

    def _content(self, place: str, old: Json, new: Json, *, request: bool) -> Iterator[str]:
        for media_type, content in old.items():
            if media_type not in new:
                yield f"{place}: {media_type} is gone"
            else:
                yield from self._schema(
                    place, content.get("schema", {}), new[media_type].get("schema", {}), request=request
                )

    def _schema(self, place: str, old: Json, new: Json, *, request: bool) -> Iterator[str]:
        if "$ref" in old and "$ref" in new:
            pair = (old["$ref"], new["$ref"], request)
            if pair not in self.compared:
                self.compared[pair] = []
                self.compared[pair] = list(self._resolved_schema(place, old, new, request=request))
            yield from self.compared[pair]
        else:
            yield from self._resolved_schema(place, old, new, request=request)

    def _resolved_schema(self, place: str, old: Json, new: Json, *, request: bool) -> Iterator[str]:
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        if "anyOf" in old or "anyOf" in new:
            yield from self._alternatives(place, old.get("anyOf", [old]), new.get("anyOf", [new]), request=request)
            return
        yield from _kind(place, old, new, request=request)
        yield from self._fields(place, old, new, request=request)
        for part in ("items", "additionalProperties"):
            if isinstance(old.get(part), dict) and isinstance(new.get(part), dict):
                yield from self._schema(f"{place}[]", old[part], new[part], request=request)
            elif request and part not in old and new.get(part) not in (None, True):
                yield f"{place}: {part} is limited"

    def _alternatives(self, place: str, old: list[Json], new: list[Json], *, request: bool) -> Iterator[str]:
        """A request's old alternatives each have a new one that allows it; a reply's new ones were known."""
        outer, inner = (old, new) if request else (new, old)
        for number, alternative in enumerate(outer):
            tries = [
                list(
                    self._schema(
                        f"{place}({number})", *self._ordered(alternative, other, request=request), request=request
                    )
                )
                for other in inner
            ]
            if all(tries):
                yield min(tries, key=len)[0]

    @staticmethod
    def _ordered(outer: Json, inner: Json, *, request: bool) -> tuple[Json, Json]:
        return (outer, inner) if request else (inner, outer)

    def _fields(self, place: str, old: Json, new: Json, *, request: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, schema in before.items():
            if name not in after:
                yield f"{place}.{name} is gone"
            else:
                yield from self._schema(f"{place}.{name}", schema, after[name], request=request)
        required, required_before = set(new.get("required", [])), set(old.get("required", []))
        if request:
            yield from (f"{place}.{name} is required" for name in sorted(required - required_before))
        else:
            yield from (f"{place}.{name} is optional" for name in sorted(required_before - required))


def _kind(place: str, old: Json, new: Json, *, request: bool) -> Iterator[str]:
    """Differences of the type, of the values and, for a request, of the bounds."""
    if old.get("type") != new.get("type") and not _is_wider(old, new, request=request):
        yield f"{place}: type {new.get('type')} instead of {old.get('type')}"
    before, after = _values(old), _values(new)
    if before is not None and after is not None and (missing := before - after) and request:
        yield f"{place}: {', '.join(sorted(missing))} is no value any more"
    if request:
        yield from _narrower(place, old, new)
    elif old.get("format") != new.get("format"):
        yield f"{place}: format {new.get('format')} instead of {old.get('format')}"


def _is_wider(old: Json, new: Json, *, request: bool) -> bool:
    narrow, wide = (old, new) if request else (new, old)
    return "type" not in wide or (narrow.get("type"), wide["type"]) == ("integer", "number")


def _narrower(place: str, old: Json, new: Json) -> Iterator[str]:
    for bound in UPPER_BOUNDS:
        if bound in new and (bound not in old or new[bound] < old[bound]):
            yield f"{place}: {bound} {new[bound]} instead of {old.get(bound)}"
    for bound in LOWER_BOUNDS:
        if bound in new and (bound not in old or new[bound] > old[bound]):
            yield f"{place}: {bound} {new[bound]} instead of {old.get(bound)}"
    for rule in ("pattern", "format", "multipleOf", "uniqueItems"):
        if rule in new and new[rule] != old.get(rule):
            yield f"{place}: {rule} {new[rule]} instead of {old.get(rule)}"
    if _values(old) is None and _values(new) is not None:
        yield f"{place}: only {', '.join(sorted(_values(new) or ()))}"
    if old.get("additionalProperties") is not False and new.get("additionalProperties") is False:
        yield f"{place}: unknown fields are refused"


def _values(schema: Json) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _resolved(document: Json, part: Json) -> Json:
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part
