"""A fault of one record of an outside system: the field, and the reason in a sentence."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class RecordFault(Exception):
    """A record is refused alone. `field` is the column of a file, or the path in a JSON document."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


def checked(model: type[Model], document: dict[str, Any]) -> Model:
    """The record of a document. Raises `RecordFault` for its first fault."""
    try:
        return model.model_validate(document)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "record"
        raise RecordFault(field, first["msg"]) from None
