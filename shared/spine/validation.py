"""Requests become models. Each wrong field of a request is a fault that names it."""

from typing import Any

from pydantic import BaseModel, ValidationError
from werkzeug.wrappers import Request

from shared.spine.errors import Fault, Rejected


def single_values(request: Request) -> dict[str, str]:
    """The query, with each name once. Raises `Rejected`."""
    names = [name for name, _ in request.args.items(multi=True)]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise _invalid(tuple(Fault(name, "repeated", "given more than once") for name in repeated), "query")
    return request.args.to_dict()


def checked_json(model: type[BaseModel], body: bytes) -> BaseModel:
    """The model of a body that is known to be JSON. Raises `Rejected`."""
    try:
        return model.model_validate_json(body)
    except ValidationError as failure:
        raise _invalid(_faults(failure), "body") from None


def checked(model: type[BaseModel], values: dict[str, Any], part: str) -> BaseModel:
    """`values` as a model. Raises `Rejected` with a fault for each wrong field of the request's `part`."""
    try:
        return model.model_validate(values)
    except ValidationError as failure:
        raise _invalid(_faults(failure), part) from None


def _invalid(faults: tuple[Fault, ...], part: str) -> Rejected:
    return Rejected(f"{part}_invalid", f"{len(faults)} fault(s) in the {part}; each is named", faults=faults)


def _faults(failure: ValidationError) -> tuple[Fault, ...]:
    errors = failure.errors(include_url=False, include_input=False, include_context=False)
    return tuple(Fault(_path(error["loc"]), error["type"], error["msg"]) for error in errors[:100])


def _path(location: tuple[int | str, ...]) -> str:
    """("lines", 0, "quantity") as `lines[0].quantity`."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")
