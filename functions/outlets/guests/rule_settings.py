"""A rule as a chain writes it: a cause, a template with its values, and when a push is allowed."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints

from functions.outlets.guests.rules import Quiet, Rule, Trigger
from shared.contracts.models import Input, empty_list
from shared.contracts.store_settings import TimeZone

Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
Template = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{1,64}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]
PLACE = re.compile(r"\{([a-z_]+)\}")
# The values that each cause has.
_ORDER = frozenset({"store", "number", "items", "total", "time"})
PLACES: Mapping[Trigger, frozenset[str]] = {
    Trigger.ORDER_READY: _ORDER,
    Trigger.COURIER_NEAR: frozenset({"store", "time"}),
    Trigger.REFUND_DONE: _ORDER | {"amount"},
    Trigger.TAG_CHANGED: frozenset({"tag", "value", "before", "time"}),
}


class GuestRuleIn(Input):
    """When a guest gets a push, and with which words. `{store}` and its like are replaced by values of the cause.

    Quiet hours and `most` are for `tag_changed`; a guest waits for the others. `values`: a tag has one of them now.
    """

    robot: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,31}$", description="An account for guests.")]
    cause: Trigger
    template: Annotated[Template, Field(description="The id of the template. Of a browser any word.")]
    fields: Annotated[
        dict[str, Words],
        Field(min_length=1, max_length=12, examples=[{"thing1": "{store}", "character_string2": "{number}"}]),
    ]
    page: Annotated[str, StringConstraints(max_length=500)] = ""
    enabled: bool = True
    useless_after_seconds: Annotated[int, Field(ge=60, le=7 * 24 * 3600)] = 3600
    most: Annotated[int, Field(ge=1, le=100, description="Pushes of this rule to one guest in `period_days`.")] = 1
    period_days: Annotated[int, Field(ge=1, le=90)] = 7
    quiet_from: Clock | None = "22:00"
    quiet_until: Clock | None = "08:00"
    timezone: TimeZone = "UTC"
    tag: Annotated[str, StringConstraints(max_length=64)] | None = None
    values: Annotated[list[Words], Field(max_length=20)] = empty_list()

    @property
    def rule(self) -> Rule:
        """The rule as it is decided by."""
        return Rule(
            self.cause,
            self.template,
            timedelta(seconds=self.useless_after_seconds),
            self.most,
            timedelta(days=self.period_days),
        )

    @property
    def quiet(self) -> Quiet | None:
        """The hours without advertising."""
        if self.quiet_from is None or self.quiet_until is None or self.quiet_from == self.quiet_until:
            return None
        begins, ends = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until)
        return Quiet(begins, ends, ZoneInfo(self.timezone))

    def unknown_place(self) -> str | None:
        """The first `{name}` that the cause has no value for."""
        texts = [*self.fields.values(), self.page]
        names = [name for text in texts for name in PLACE.findall(text)]
        return next((name for name in names if name not in PLACES[self.cause]), None)

    def is_for(self, values: Mapping[str, str]) -> bool:
        """Whether the rule is for a tag that changed so."""
        if self.cause is not Trigger.TAG_CHANGED:
            return True
        return values["tag"] == self.tag and (not self.values or values["value"] in self.values)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in their places. A value is never looked at for places again."""
    return PLACE.sub(lambda match: values.get(match[1], ""), text)


def rule_of(settings: Mapping[str, Any]) -> GuestRuleIn:
    """A stored rule. Settings of a newer version that this one does not know are left out."""
    settings = {name: value for name, value in settings.items() if name in GuestRuleIn.model_fields}
    return GuestRuleIn.model_validate(settings, strict=False)
