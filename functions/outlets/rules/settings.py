"""The rules of a chain, and those of an outlet in place of them."""

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.contracts.messages.orders import SourceKind
from shared.contracts.models import Input, empty_list

Seconds = Annotated[int, Field(ge=5, le=24 * 3600)]
Minutes = Annotated[int, Field(ge=1, le=240)]
Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-10-01"])]
Language = Literal["zh", "en"]


class Action(StrEnum):
    """One step towards an answer. The last three answer in place of the outlet."""

    TELL = "tell"
    AGAIN = "again"
    CALL = "call"
    SECOND = "second"
    HEAD_OFFICE = "head_office"
    ACCEPT = "accept"
    DECLINE = "decline"
    PAUSE = "pause"


AUTOMATIC = frozenset({Action.ACCEPT, Action.DECLINE, Action.PAUSE})


class Rules(Input):
    """Rules of a chain. A step with null is left out. All seconds count from the order.

    `limit_seconds` is the platform's own deadline; `automatic` happens `automatic_before_seconds` before it.
    """

    link_base: Annotated[
        str,
        Field(
            pattern="^(https?://[A-Za-z0-9.:/_-]{1,200})?$",
            description="The address of this API, as an outlet opens it.",
        ),
    ] = ""
    language: Language = "en"
    sources: Annotated[
        list[Literal["till", "mini_program", "platform"]],
        Field(min_length=1, max_length=3, description="Orders of these sources are told to the outlet."),
    ] = ["mini_program", "platform"]
    wait_for_payment: Annotated[
        bool, Field(description="An order that is not of a platform is told when it is paid.")
    ] = True
    again_seconds: Seconds | None = 45
    call_seconds: Seconds | None = 90
    second_seconds: Seconds | None = 180
    head_office_seconds: Seconds | None = 300
    limit_seconds: Seconds = 690
    automatic: Literal["none", "accept", "decline", "pause"] = "none"
    automatic_before_seconds: Seconds = 90
    pause_minutes: Annotated[
        int, Field(ge=5, le=24 * 60, description="With `automatic: pause` the outlet gets no orders for so long.")
    ] = 60
    ready_minutes: Annotated[list[Minutes], Field(min_length=1, max_length=6)] = [10, 20, 30, 45]
    quiet_from: Clock | None = "22:00"
    quiet_until: Clock | None = "08:00"
    holidays: Annotated[list[Day], Field(max_length=100, description="Days without announcements.")] = empty_list()


class OutletRules(Input):
    """Rules of an outlet in place of the chain's. Null: as the chain."""

    language: Language | None = None
    again_seconds: Seconds | None = None
    call_seconds: Seconds | None = None
    second_seconds: Seconds | None = None
    head_office_seconds: Seconds | None = None
    limit_seconds: Seconds | None = None
    automatic: Literal["none", "accept", "decline", "pause"] | None = None
    automatic_before_seconds: Seconds | None = None
    pause_minutes: Annotated[int, Field(ge=5, le=24 * 60)] | None = None
    ready_minutes: Annotated[list[Minutes], Field(min_length=1, max_length=6)] | None = None
    quiet_from: Clock | None = None
    quiet_until: Clock | None = None


def rules_of(chain: dict[str, Any] | None, outlet: dict[str, Any] | None = None) -> Rules:
    """The rules of an outlet. Settings of a newer version that this one does not know are left out."""
    values = (chain or {}) | {name: value for name, value in (outlet or {}).items() if value is not None}
    return Rules.model_validate({name: value for name, value in values.items() if name in Rules.model_fields})


def is_told(rules: Rules, source: SourceKind) -> bool:
    """Whether orders of this source are told to the outlet."""
    return source.value in rules.sources


def clock_time(text: str) -> time:
    """`22:00` as a time."""
    return time.fromisoformat(text)


def is_holiday(rules: Rules, day: date) -> bool:
    """Whether no announcement is sent on this day."""
    return day.isoformat() in rules.holidays
