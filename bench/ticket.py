"""Tickets of real orders, laid out and encoded in one process, against Pillow or pydantic doing the least there is."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from PIL import Image, ImageDraw

from bench.figures import Figure, reaching, seconds, told
from demo import pizzaplace
from functions.printing.ticket.fonts import face_of, font
from functions.printing.ticket.records import Bill, Encoding, Entry, Language, Profile, Ticket, TicketKind, TicketLine
from functions.printing.ticket.render import render

ROUNDS = 7
TICKETS_A_ROUND = 100
DISHES = "夏威夷 玛格丽特 四季 意大利香肠 烤鸡 蘑菇 菠菜羊奶酪 海鲜至尊 宫保鸡丁 麻辣火锅".split()  # noqa: SIM905 - a list
WISHES = "加芝士 薄底 不要洋葱 少盐 特辣".split()  # noqa: SIM905 - a list


def bench() -> Iterator[Figure]:
    """Kitchen tickets and receipts in turn, in Chinese."""
    tickets = [_ticket(sale, number) for number, sale in enumerate(pizzaplace.sales()[: ROUNDS * TICKETS_A_ROUND])]
    documents = [ticket.model_dump_json() for ticket in tickets]
    for encoding, least, floor in ((Encoding.GB18030, 500, _read), (Encoding.RASTER, 50, _draw)):
        profile = Profile(encoding=encoding)
        render(tickets[0], profile)  # opens the fonts
        rates, floors = [], []
        for start in range(0, len(tickets), TICKETS_A_ROUND):
            part = slice(start, start + TICKETS_A_ROUND)
            rates.append(TICKETS_A_ROUND / seconds(_render, tickets[part], profile))
            floors.append(TICKETS_A_ROUND / seconds(floor, documents[part]))
        yield reaching(f"ticket.{encoding.value}", "tickets/s", rates, floors, least)
        size = sum(len(render(ticket, profile)) for ticket in tickets) / len(tickets)
        yield told(f"ticket.{encoding.value}_bytes", size / 1024, "KiB a ticket")


def _render(tickets: Sequence[Ticket], profile: Profile) -> None:
    for ticket in tickets:
        render(ticket, profile)


def _read(documents: Sequence[str]) -> None:
    """The work before: the ticket out of its JSON."""
    for document in documents:
        Ticket.model_validate_json(document)


def _draw(documents: Sequence[str]) -> None:
    """The names and wishes, drawn by Pillow with one font, and their bytes."""
    drawn = font(face_of("宫")[0], 2, bold=True)
    for document in documents:
        lines = [text for line in Ticket.model_validate_json(document).lines for text in (line.name, *line.options)]
        image = Image.new("1", (576, 54 * len(lines)))
        for number, text in enumerate(lines):
            ImageDraw.Draw(image).text((0, 54 * number), text, fill=255, font=drawn)
        image.tobytes()


def _ticket(sale: pizzaplace.Sale, number: int) -> Ticket:
    lines = [
        TicketLine(
            name=f"{DISHES[sum(map(ord, name)) % len(DISHES)]}披萨",
            size=size,
            options=[WISHES[(number + index) % len(WISHES)]],
            quantity=count,
            amount=price * count,
        )
        for index, ((name, size, price), count) in enumerate(sale.pizzas.items())
    ]
    paid = Entry(name="wechat", amount=sale.total)
    receipt = number % 2
    return Ticket(
        kind=TicketKind.RECEIPT if receipt else TicketKind.KITCHEN,
        language=Language.CHINESE,
        store="人民广场店",
        station="热菜",
        pickup_number=number % 1000,
        number=sale.number,
        placed_at=sale.at.replace(tzinfo=UTC),
        lines=lines,
        bill=Bill(currency="CNY", subtotal=sale.total, total=sale.total, payments=[paid]) if receipt else None,
    )
