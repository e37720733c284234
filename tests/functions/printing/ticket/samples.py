"""Tickets to look at, with what a person must be able to read on each, written by hand from the ticket."""

from datetime import datetime, timedelta, timezone
from typing import Any

from functions.printing.ticket.records import Bill, Entry, Language, Profile, Ticket, TicketKind, TicketLine
from shared.contracts.messages.orders import Guest, Service

SHANGHAI = timezone(timedelta(hours=8))
NOON = datetime(2026, 11, 22, 12, 30, tzinfo=SHANGHAI)

PIZZAS: dict[str, Any] = {
    "store": "Main Street",
    "station": "Oven",
    "pickup_number": 42,
    "service": Service.TAKEAWAY,
    "number": "2015-000002",
    "placed_at": NOON,
    "wanted_for": NOON + timedelta(minutes=45),
    "lines": [
        TicketLine(name="Classic Deluxe", size="M", options=["More cheese"], note="well done", amount=1750),
        TicketLine(name="Thai Chicken", size="L", quantity=2, allergy="No peanuts!", amount=4150),
    ],
}
DISHES: dict[str, Any] = {
    "language": Language.CHINESE,
    "store": "人民广场店",
    "station": "热菜",
    "pickup_number": 128,
    "service": Service.DINE_IN,
    "table": "A12",
    "number": "MP-000417",
    "placed_at": NOON,
    "lines": [
        TicketLine(name="宫保鸡丁", size="大", options=["微辣"], quantity=2, note="不要香菜", amount=7600),
        TicketLine(name="水煮鱼", allergy="花生过敏", amount=12800),
    ],
}
ARABIC: dict[str, Any] = {
    "language": Language.ARABIC,
    "store": "مطعم الواحة",
    "station": "الفرن",
    "pickup_number": 7,
    "service": Service.DELIVERY,
    "number": "T-5512",
    "placed_at": NOON,
    "lines": [
        TicketLine(name="بيتزا مارغريتا", size="كبيرة", options=["بدون بصل"], quantity=2),
        TicketLine(name="Cola Zero", allergy="حساسية من الفول السوداني"),
    ],
}
BILL = Bill(
    currency="USD",
    subtotal=5900,
    discounts=[Entry(name="lunch", amount=590)],
    tax=301,
    total=5310,
    payments=[Entry(name="cash", amount=6000)],
)
GUEST = Guest(name="李伟", phone="138 0000 0000", address="南京东路 100 号")


def ticket(kind: str, of: dict[str, Any] = PIZZAS, **different: Any) -> Ticket:
    return Ticket(kind=TicketKind(kind), **(of | different))


def profile(encoding: str, dots: int = 576, **different: Any) -> Profile:
    return Profile.model_validate({"encoding": encoding, "dots": dots, **different})


SAMPLES = {
    "pages": ticket(
        "kitchen", station=None, lines=[TicketLine(name="Crème"), TicketLine(name="Żur"), TicketLine(name="Щи")]
    ),
    "kitchen": ticket("kitchen"),
    "dishes": ticket("kitchen", DISHES, reprint=1),
    "receipt": ticket("receipt", bill=BILL, qr="https://example.com/r/42"),
    "packing": ticket("packing", DISHES, guest=GUEST),
    "label": ticket("label", DISHES),
    "cancellation": ticket("cancellation", ARABIC, reason="غادر الضيف"),
    "test": ticket("test", about=["printer kitchen"]),
}
