"""An order for delivery → its delivery; later messages of the order move it forward."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.delivery.creation.link import new_link
from functions.delivery.creation.order_messages import OrderNews
from functions.delivery.life.act import Refused, Request, acted
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import Details, Payer, Recipient
from functions.delivery.states import RULES, Action, Carriage, Goods
from functions.delivery.tables.stores import StoreSettings
from shared.contracts.ids import derived_part_id, member_id
from shared.contracts.messages.orders import FulfilmentStatus, GuestDelivery, Order
from shared.contracts.text import cleaned

# Where an order's status leads its goods. The order's own steps come from tills and kitchen screens.
STEPS = {
    FulfilmentStatus.READY: (Action.PACK,),
    FulfilmentStatus.HANDED_OVER: (Action.PACK, Action.PICK_UP),
    FulfilmentStatus.CANCELLED: (Action.CANCEL,),
}


def new_delivery(order: Order, settings: StoreSettings, keyring: list[str], now: datetime) -> Delivery:
    """The delivery of a new order. Its id follows from the order's, so a message that comes twice makes one."""
    link_hash, link_encrypted = new_link(keyring)
    wanted_from, wanted_until = promised(order, settings)
    return Delivery(
        id=derived_part_id(order.id, "delivery"),
        order=order.id,
        chain=order.chain,
        store=order.store_key,
        number=order.pickup_number,
        member=_member(order),
        goods=Goods.TO_PICK,
        carriage=Carriage.UNASSIGNED,
        courier=None,
        details=_details(order),
        lines=lines_of(order),
        wanted_from=wanted_from,
        wanted_until=wanted_until,
        ready_at=_ready_at(order, settings),
        link_hash=link_hash,
        link_encrypted=link_encrypted,
        created_at=now,
        changed_at=now,
        times={Goods.TO_PICK.value: order.placed_at},
    )


def promised(order: Order, settings: StoreSettings) -> tuple[datetime, datetime]:
    """(from, until) of the promise: the wanted window, or some minutes after the order was placed.

    An end before the begin is none.
    """
    begin, minutes = order.placed_at, settings.promise_minutes
    if order.wanted_for:
        begin, minutes = order.wanted_for, settings.window_minutes
    wanted_until = order.guest.delivery.wanted_until if order.guest and order.guest.delivery else None
    if wanted_until and wanted_until > begin:
        return begin, wanted_until
    return begin, begin + timedelta(minutes=minutes)


def _ready_at(order: Order, settings: StoreSettings) -> datetime:
    """When the goods are expected to be ready: a scheduled order is not made before its time."""
    soonest = order.placed_at + timedelta(minutes=settings.prepare_minutes)
    return max(soonest, order.kitchen_at + timedelta(minutes=settings.prepare_minutes)) if order.kitchen_at else soonest


def _details(order: Order) -> Details:
    guest = order.guest
    if guest is None:
        return Details(wishes=_shortened(order.note))
    # Stored texts of older orders may hold what the API refuses now.
    wish = guest.delivery or GuestDelivery()
    # A payer's number at another's door would tell who sent it.
    person = wish if wish.is_for_another else guest
    recipient = Recipient.model_construct(
        name=person.name, phone=person.phone, address=guest.address, lat=wish.lat, lon=wish.lon
    )
    payer = Payer.model_construct(name=guest.name, phone=guest.phone)
    return Details.model_construct(
        recipient=recipient,
        payer=payer,
        gift=wish.gift,
        surprise=wish.surprise,
        may_leave=wish.may_leave,
        vehicles=[],
        card=_shortened(wish.card),
        wishes=_shortened("\n".join(filter(None, (wish.wishes, order.note)))),
    )


def _shortened(note: str | None) -> str | None:
    return (cleaned(note)[:200] or None) if note else None


def _member(order: Order) -> str | None:
    member = order.guest.member if order.guest else None
    return member_id(order.chain, member) if member else None


def lines_of(order: Order) -> tuple[dict[str, Any], ...]:
    """The lines to pack, without prices."""
    return tuple(
        {
            "id": line.id or str(number),
            "item": line.item,
            "name": line.name,
            "size": line.size,
            "options": [option.name for option in line.options],
            "quantity": line.quantity,
            "note": line.note,
        }
        for number, line in enumerate(order.lines, start=1)
    )


def after_news(delivery: Delivery, news: OrderNews, sequence: int, at: datetime) -> tuple[Delivery, list[Action]]:
    """(the delivery after a message of its order, the actions that it made). An older message changes nothing."""
    if sequence <= delivery.order_sequence:
        return delivery, []
    delivery, order = replace(delivery, order_sequence=sequence), news.order
    if delivery.goods in (Goods.TO_PICK, Goods.PICKING):
        delivery = replace(delivery, lines=lines_of(order))
    actions: list[Action] = []
    for action in (Action.UNPACK,) if news.unpacks else STEPS.get(order.fulfilment, ()):
        if _is_due(delivery, action):
            delivery = _tried(delivery, action, at, actions)
    return delivery, actions


def _is_due(delivery: Delivery, action: Action) -> bool:
    present = delivery.goods if RULES[action].is_of_goods else delivery.carriage
    return present in RULES[action].moves


def _tried(delivery: Delivery, action: Action, at: datetime, actions: list[Action]) -> Delivery:
    try:
        delivery = acted(delivery, Request(action, at, reason="order cancelled"))
    except Refused:
        return delivery
    actions.append(action)
    return delivery
