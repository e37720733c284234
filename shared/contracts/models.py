"""Bases of requests and replies. They stand apart from `shared.spine.http` for settings that no HTTP API reads."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Input(BaseModel):
    """Base of what callers send: unknown members are refused, and no type is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Query(BaseModel):
    """Base of query strings, where everything arrives as text."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Output(BaseModel):
    """Base of what callers get. Its schema is made when it is first used: most cold starts need none."""

    model_config = ConfigDict(defer_build=True)


def empty_list() -> Any:
    """A field whose default is an empty list. A default `[]` costs a deep copy each time that a body is read."""
    return Field(default_factory=list, json_schema_extra={"default": []})


def empty_map() -> Any:
    """A field whose default is an empty map; as `empty_list`."""
    return Field(default_factory=dict, json_schema_extra={"default": {}})
