"""Every day and time that a caller may send lies within the calendars of databases, ids and time zones."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, get_args

from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

import functions
from shared.contracts.models import Input, Query

# The last day of a recurrence is compared alone. 9999-12-31 stands for one without an end.
COMPARED_ALONE = {("RepeatIn", "until")}


def leaves(annotation: Any) -> Iterator[Any]:
    """The types within a type."""
    yield annotation
    for part in get_args(annotation):
        yield from leaves(part)


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


def reader_of(field: FieldInfo) -> TypeAdapter[Any]:
    annotated: Any = Annotated[field.annotation, *field.metadata, None]
    return TypeAdapter(annotated)


def fields_of(*kinds: type[date]) -> list[tuple[str, TypeAdapter[Any]]]:
    """The names of all fields of requests that take these kinds, and what reads them."""
    for module in pkgutil.walk_packages(functions.__path__, "functions."):
        importlib.import_module(module.name)
    return [
        (f"{model.__name__}.{name}", reader_of(field))
        for model in {*models(Input), *models(Query)}
        for name, field in model.model_fields.items()
        if any(part in kinds for part in leaves(field.annotation)) and (model.__name__, name) not in COMPARED_ALONE
    ]


def read(reader: TypeAdapter[Any], text: str) -> Any:
    try:
        return reader.validate_python(text)
    except ValidationError:
        return None


def test_no_request_takes_a_time_without_its_zone_or_beyond_the_calendar() -> None:
    fields = fields_of(datetime, AwareDatetime)
    assert len(fields) >= 7
    assert not [name for name, reader in fields if read(reader, "2026-12-01T09:00:00")]
    for name, reader in fields:
        for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
            moment = read(reader, text)
            assert moment is None or moment.tzinfo is UTC, (name, text)


def test_no_request_takes_a_day_that_has_no_week_before_or_after_it() -> None:
    fields = fields_of(date)
    assert len(fields) >= 15
    taken = [(name, day) for name, reader in fields for day in ("0001-01-01", "9999-12-31") if read(reader, day)]
    assert not taken
