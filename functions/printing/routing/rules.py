"""The routing of a store, and the tickets of an order by station."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from functions.printing.ticket.records import Language, TicketKind
from shared.contracts.messages.orders import Line, Order
from shared.contracts.models import Input
from shared.contracts.text import Id

LONGEST_PATIENCE = timedelta(days=1)
Seconds = Annotated[int, Field(ge=1, le=LONGEST_PATIENCE.days * 86_400)]
Lines = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10)]
StationKind = Literal["kitchen", "packing", "receipt", "label"]
MAX_STATIONS = 50
_PATIENCE_OF = {
    TicketKind.CHANGE: TicketKind.KITCHEN,
    TicketKind.BILL: TicketKind.RECEIPT,
    TicketKind.DAY_REPORT: TicketKind.RECEIPT,
}
# Seconds. Each beat costs two messages of the gateway and a call of a function.
HEARTBEAT_WITH_STANDBY = 60
HEARTBEAT_ALONE = 120


class Station(Input):
    """A place of work in a store, and its printer.

    A kitchen prints the lines that name it as their station, else lines of its `items`, else of its `categories`.
    Other stations print complete orders, or only lines of their items and categories. `backup` is the printer for times
    when `printer` cannot print; without it, the backup of the printer is used. Header, footer and QR code are printed
    on receipts, the QR code on packing slips too. `{order}` in the QR code becomes the order's id.
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
    """Seconds. A ticket is not printed after its deadline: the food would be made twice, or too late."""

    kitchen: Seconds = 1_800
    packing: Seconds = 3_600
    receipt: Seconds = 7_200
    label: Seconds = 1_800
    cancellation: Seconds = 3_600
    test: Seconds = 300
    person: Annotated[Seconds, Field(description="A person is alerted of a job that waits longer.")] = 180
    backup: Annotated[
        Seconds, Field(description="A job waits so long for its printer, then it goes to the backup.")
    ] = 60


class Routing(Input):
    """How a store prints. Times are in seconds. An agent counts as off line after two heartbeats and five seconds.

    API Gateway ends a connection after two hours, or after ten minutes without a frame.
    """

    stations: Annotated[list[Station], Field(max_length=MAX_STATIONS)] = []
    prints_on: Annotated[
        Literal["placed", "paid"],
        Field(description="When kitchen tickets are printed. Receipts are printed when the order is paid."),
    ] = "paid"
    interrupted: Annotated[
        Literal["continue", "reprint"], Field(description="The action for a ticket that was printed in two pieces.")
    ] = "reprint"
    late_uploads: Annotated[
        Literal["expire", "print"],
        Field(description="The action for tickets of an order that arrives after their deadline."),
    ] = "expire"
    heartbeat: Annotated[
        int | None,
        Field(ge=1, le=540, description="Without it: 60 in a store with several agents, 120 in a store with one."),
    ] = None
    lifetime: Annotated[
        int, Field(ge=2, le=7_000, description="An agent opens its next connection before this is over.")
    ] = 7_000
    bills: Annotated[bool, Field(description="A closed bill is printed at the receipt stations before it is paid.")] = (
        False
    )
    patience: Patience = Patience()

    @model_validator(mode="after")
    def _unique(self) -> "Routing":
        ids = [station.id for station in self.stations]
        if len(set(ids)) < len(ids):
            raise ValueError("Two stations have the same id. Give each station its own id.")
        return self

    def heartbeat_for(self, *, confirms: bool) -> int:
        """Seconds between beats. An agent that asks for `go` has a standby, which must take over soon."""
        return self.heartbeat or (HEARTBEAT_WITH_STANDBY if confirms else HEARTBEAT_ALONE)

    def patience_for(self, kind: TicketKind) -> timedelta:
        """How long after its event a ticket may begin."""
        return timedelta(seconds=getattr(self.patience, _PATIENCE_OF.get(kind, kind).value))

    def station(self, station: str | None) -> Station | None:
        """The station with this id."""
        return next((candidate for candidate in self.stations if candidate.id == station), None)


class Routed(NamedTuple):
    """A ticket of an order at a station. `copies` of it go to the station's printer."""

    station: Station
    kind: TicketKind
    lines: Sequence[Line]


def tickets(order: Order, routing: Routing, *, receipts: bool) -> list[Routed]:
    """The receipts of an order, or its other tickets, in the order of the stations."""
    kitchens = lines_by_kitchen(order.lines, routing)
    return [
        Routed(station, TicketKind(station.kind), lines)
        for station in routing.stations
        if (station.kind == "receipt") == receipts
        and (lines := kitchens.get(station.id, []) if station.kind == "kitchen" else _lines_of(order.lines, station))
    ]


def bills(order: Order, routing: Routing) -> list[Routed]:
    """The bill of a closed order that is not paid, at each receipt station of a store that prints bills."""
    if not routing.bills:
        return []
    receipts = [station for station in routing.stations if station.kind == "receipt"]
    return [Routed(station, TicketKind.BILL, order.lines) for station in receipts if order.lines]


def lines_by_kitchen(lines: Sequence[Line], routing: Routing) -> dict[str, list[Line]]:
    """The lines of each kitchen, by its id. The parts of a combo are lines of the kitchens that make them.

    A line that no kitchen claims goes to the first one, so that it is made.
    """
    kitchens = [station for station in routing.stations if station.kind == "kitchen"]
    by_kitchen: dict[str, list[Line]] = {}
    for line in (made for sold in lines for made in lines_to_make(sold)):
        claims = (
            [kitchen for kitchen in kitchens if kitchen.id == line.station]
            or [kitchen for kitchen in kitchens if line.item in kitchen.items]
            or [kitchen for kitchen in kitchens if line.category in kitchen.categories]
            or kitchens
        )
        for station in claims[:1]:
            by_kitchen.setdefault(station.id, []).append(line)
    return by_kitchen


def lines_to_make(line: Line) -> list[Line]:
    """The line, or a line for each part of a combo: a drink is made at the bar, a pizza at the oven."""
    if not line.parts:
        return [line]
    return [
        line.model_copy(
            update={
                "item": part.item, "name": part.name, "category": part.category, "size": part.size,
                "options": part.options, "quantity": line.quantity * part.quantity, "note": part.note or line.note,
                "station": part.station, "parts": [],
            }
        )
        for part in line.parts
    ]  # fmt: skip


def _lines_of(lines: Sequence[Line], station: Station) -> list[Line]:
    if not (station.items or station.categories):
        return list(lines)
    return [line for line in lines if line.item in station.items or line.category in station.categories]
