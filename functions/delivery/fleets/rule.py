"""When a store asks an outside fleet."""

from datetime import datetime, time, timedelta

from pydantic import Field, model_validator

from shared.contracts.models import Input
from shared.contracts.text import Address, Id, Name, Phone

# So long before the goods are ready a fleet is asked. Its courier needs some minutes to come.
LEAD = timedelta(minutes=15)
# A fleet is asked so often for one delivery without a person.
MOST_BOOKINGS = 2


class Hours(Input):
    """Hours of the store's own time zone. Those that end before they begin end on the next day."""

    begin: time
    end: time

    def has(self, moment: time) -> bool:
        """Whether the time of day is within the hours."""
        if self.begin <= self.end:
            return self.begin <= moment < self.end
        return moment >= self.begin or moment < self.end


class FleetRule(Input):
    """A fleet, and when a store asks it. One condition is enough; without one only the desk asks.

    `always`: the store has no couriers. `beyond_metres`: the door is farther, as the crow flies. `hours`: these hours.
    `no_courier_minutes`: no own courier has it so many minutes after the fleet could have been asked. `most_price` in
    the smallest unit of the currency: a dearer quote is refused. `fleet_store_id` is the id of the store at the
    fleet. `value` is what
    the goods of a delivery are worth.
    """

    fleet: Id
    phone: Phone
    address: Address
    fleet_store_id: Name | None = None
    note: Name | None = None
    always: bool = False
    beyond_metres: int | None = Field(default=None, ge=0, le=200_000)
    hours: list[Hours] = Field(default=[], max_length=7)
    no_courier_minutes: int | None = Field(default=None, ge=0, le=240)
    most_price: int | None = Field(default=None, ge=0, le=100_000_000)
    value: int = Field(default=0, ge=0, le=100_000_000)

    @model_validator(mode="after")
    def _local(self) -> "FleetRule":
        if any(one.begin.tzinfo or one.end.tzinfo for one in self.hours):
            raise ValueError("hours are of the store's own time zone, and name none")
        return self

    def takes(self, metres: float, local: datetime) -> bool:
        """Whether the fleet gets the delivery before any own courier."""
        is_far = self.beyond_metres is not None and metres > self.beyond_metres
        return self.always or is_far or any(one.has(local.time()) for one in self.hours)

    def is_asked(self, metres: float, local: datetime, ready_at: datetime, now: datetime) -> bool:
        """Whether the fleet is asked for a delivery without a courier now."""
        since = now - (ready_at - LEAD)
        if since < timedelta(0):
            return False
        has_waited = self.no_courier_minutes is not None and since >= timedelta(minutes=self.no_courier_minutes)
        return has_waited or self.takes(metres, local)
