"""Messages between functions: CloudEvents 1.0 documents, with the data of each type as a model.

A new version of a type adds fields with a default. It never changes or removes a field, because the record holds old
messages. A consumer ignores fields that it does not know.

Each concern's types have a module of their own, so that a function loads no other's.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import eq
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.contracts.ids import Ulid
from shared.spine.errors import Rejected

# SNS and SQS carry 256 KiB, attributes included; what is over must be refused before it is kept.
MAX_MESSAGE_BYTES = 250 * 1024


class Document(BaseModel):
    """Base of everything inside `data`: readers ignore what they do not know."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


def left_out(default: Any) -> Any:
    """A field with this default. JSON leaves it out while it has its default, so that most documents stay short."""
    if default in ([], {}):
        # Pydantic would copy an empty list with copy.deepcopy for each document, which takes longer than to read it.
        extra = {"default": default}
        return Field(default_factory=type(default), exclude_if=partial(eq, default), json_schema_extra=extra)
    return Field(default=default, exclude_if=partial(eq, default))


class MessageData(Document):
    """Base of the message types; `type` is the CloudEvents type."""

    type: ClassVar[str]

    @classmethod
    def types(cls) -> tuple[str, ...]:
        """The types that are read as this one; several for a consumer that reads only what they have in common."""
        return (cls.type,)


Data = TypeVar("Data", bound=MessageData)


class Envelope(BaseModel):
    """The CloudEvents 1.0 attributes (github.com/cloudevents/spec v1.0.2) and the extensions that we add.

    `sequence` (the extension of that name) counts the messages of one subject from 1; `storeid` is for the log.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    specversion: Literal["1.0"] = "1.0"
    id: Ulid
    type: str
    source: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    sequence: int = Field(ge=1)
    storeid: str | None = None
    data: dict[str, Any]


@dataclass(frozen=True)
class Message(Generic[Data]):
    """A received message whose data has been checked."""

    id: str
    type: str
    subject: str
    time: datetime
    sequence: int
    store: str | None
    data: Data


def read_message(body: str, model: type[Data]) -> Message[Data]:
    """The message in a queue record's body. Raises `Rejected` for what is no message of this kind."""
    try:
        envelope = Envelope.model_validate_json(body)
        if envelope.type not in model.types():
            types = ", ".join(model.types())
            raise Rejected("message_misled", f"this consumer is for {types}, not for {envelope.type[:64]}")
        data = model.model_validate(envelope.data)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Rejected(
            "message_malformed", f"{failure.error_count()} faults, the first at {where}: {first['msg']}"
        ) from None
    return Message(
        envelope.id, envelope.type, envelope.subject, envelope.time, envelope.sequence, envelope.storeid, data
    )


def schema_of(message_type: str) -> str:
    """The `dataschema` of a type: major version 1, and there is never a second."""
    return f"urn:dumbwaiter:message:{message_type}:1"
