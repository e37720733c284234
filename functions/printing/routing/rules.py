"""Which printers an order's tickets go to. Pure: an order and the store's routing → tickets by station."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from functions.printing.ticket.records import Language, TicketKind
from shared.contracts.messages.orders import Line, Order
from shared.contracts.models import Input

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
LONGEST_PATIENCE = timedelta(days=1)
Seconds = Annotated[int, Field(ge=1, le=LONGEST_PATIENCE.days * 86_400)]
Lines = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10)]
StationKind = Literal["kitchen", "packing", "receipt", "label"]
MAX_STATIONS = 50


class Station(Input):
    """Where a kind of ticket is read, and the printer there.

    A kitchen takes the lines that name it as their station, else those of its `items`, else of its `categories`. The
    others take whole orders, or only such lines where items or categories are given. `backup` is a printer for when
    `printer` cannot print; without one it is the printer's own. Header, footer and QR code stand on receipts, the code
    on packing slips too; `{order}` in it becomes the order's id.
    """

    id: Id
    name: Annotated[str, Field(min_length=1, max_length=64)]
    kind: StationKind = "kitchen"
    printer: Id
    backup: Id | None = None
    items: Annotated[list[Id], Field(max_length=500)] = []
    categories: Annotated[list[Id], Field(max_length=100)] = []
    copies: Annotated[int, Field(ge=1, le=5)] = 1
    language: Language = Language.ENGLISH
    header: Lines = []
    footer: Lines = []
    qr: Annotated[str, Field(min_length=1, max_length=300)] | None = None


class Patience(Input):
    """Seconds. After its deadline a ticket is not printed any more: it would be made twice, or too late."""

    kitchen: Seconds = 1_800
    packing: Seconds = 3_600
    receipt: Seconds = 7_200
    label: Seconds = 1_800
    cancellation: Seconds = 3_600
    test: Seconds = 300
    person: Annotated[Seconds, Field(description="A job that waits longer than this is told to a person.")] = 180
    backup: Annotated[Seconds, Field(description="A job waits so long for its printer, then goes to the backup.")] = 60


class Routing(Input):
    """How a store prints. Seconds: an agent counts as off line after two heartbeats and five.

    API Gateway ends a connection after two hours, or ten minutes without a frame.
    """

    stations: Annotated[list[Station], Field(max_length=MAX_STATIONS)] = []
    prints_on: Annotated[
        Literal["placed", "paid"],
        Field(description="When kitchens hear of an order; receipts come when it is paid."),
    ] = "paid"
    interrupted: Annotated[
        Literal["continue", "reprint"], Field(description="What to do with a ticket that came out in two pieces.")
    ] = "reprint"
    late_uploads: Annotated[
        Literal["expire", "print"],
        Field(description="What to do with the tickets of an order that reaches us after their patience."),
    ] = "expire"
    heartbeat: Annotated[int, Field(ge=1, le=540)] = 60
    lifetime: Annotated[
        int, Field(ge=2, le=7_000, description="An agent opens its next connection before this is over.")
    ] = 7_000
    patience: Patience = Patience()

    @model_validator(mode="after")
    def _unique(self) -> "Routing":
        ids = [station.id for station in self.stations]
        if len(set(ids)) < len(ids):
            raise ValueError("two stations have the same id")
        return self

    def patience_for(self, kind: TicketKind) -> timedelta:
        """How long after the event that it tells a ticket may still be begun."""
        return timedelta(seconds=getattr(self.patience, kind.value))

    def station(self, station: str | None) -> Station | None:
        """By its id."""
        return next((one for one in self.stations if one.id == station), None)


class Routed(NamedTuple):
    """One ticket, before it is laid out: `copies` of it go to the station's printer."""

    station: Station
    kind: TicketKind
    lines: Sequence[Line]


def tickets(order: Order, routing: Routing, *, receipts: bool) -> list[Routed]:
    """The receipts of an order, or all its other tickets, in the order of the stations."""
    kitchens = _by_kitchen(order.lines, routing)
    return [
        Routed(station, TicketKind(station.kind), lines)
        for station in routing.stations
        if (station.kind == "receipt") == receipts
        and (lines := kitchens.get(station.id, []) if station.kind == "kitchen" else _whole(order.lines, station))
    ]


def _by_kitchen(lines: Sequence[Line], routing: Routing) -> dict[str, list[Line]]:
    """Every line is some kitchen's: one that nobody claims is the first kitchen's, so that it is made."""
    kitchens = [station for station in routing.stations if station.kind == "kitchen"]
    found: dict[str, list[Line]] = {}
    for line in lines:
        claims = (
            [one for one in kitchens if one.id == line.station]
            or [one for one in kitchens if line.item in one.items]
            or [one for one in kitchens if line.category in one.categories]
            or kitchens
        )
        for station in claims[:1]:
            found.setdefault(station.id, []).append(line)
    return found


def _whole(lines: Sequence[Line], station: Station) -> list[Line]:
    if not (station.items or station.categories):
        return list(lines)
    return [line for line in lines if line.item in station.items or line.category in station.categories]
