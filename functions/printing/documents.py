"""What callers send to and get from /v1/printing."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from functions.printing.routing import Id
from shared.http import Input, Output, Query


class StorePath(Query):
    """A store by its id."""

    store: Id


class CodeIn(Input):
    """The store that an agent is to be enrolled for."""

    store: Id


class CodeDocument(Output):
    """A one-time code, shown this once."""

    code: Annotated[str, Field(examples=["7KQ2-M4XD"])]
    store: str
    expires_at: datetime


class EnrolmentIn(Input):
    """A code, and the key that the agent has made: 32 bytes in base64url."""

    code: Annotated[str, Field(min_length=1, max_length=32, examples=["7KQ2-M4XD"])]
    key: Annotated[str, Field(min_length=43, max_length=44)]
    name: Annotated[str, Field(min_length=1, max_length=64, examples=["till-1"])]
    agent: Annotated[str, Field(max_length=64, description="Its version.")] = ""
    protocol: Annotated[int, Field(ge=1)] = 1


class EnrolmentDocument(Output):
    """Who the agent is from now on, and its relays in the order of preference."""

    agent: str
    store: str
    relays: list[str]
