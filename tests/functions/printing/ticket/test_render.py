"""The content of tickets. tests/simulators/paper.py is the judge: it knows the printer language and nothing of ours."""

import io
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from functions.printing.ticket import render as tickets
from functions.printing.ticket.escpos import to_bytes
from functions.printing.ticket.page import Text
from functions.printing.ticket.raster import without_dle_commands
from functions.printing.ticket.records import Encoding, Entry, Language, Profile, Ticket, TicketKind, TicketLine
from functions.printing.ticket.render import mark, preview, render
from shared.spine.errors import Rejected
from tests.functions.printing.ticket.golden import FOLDER, GOLDENS
from tests.functions.printing.ticket.samples import ARABIC, BILL, DISHES, GUEST, NOON, SAMPLES, profile, ticket
from tests.simulators.paper import Printed, Sheet, printed

OBEYED_EVERYWHERE = (b"\x10\x04", b"\x10\x05", b"\x10\x14")
PAPERS = [576, 384]


def sheet_of(rendered: Ticket, on: Profile, han: str = "gb18030") -> Sheet:
    [sheet] = printed(render(rendered, on), on.dots, han)
    return sheet


def line_with(sheet: Sheet, text: str) -> Printed:
    [line] = [line for line in sheet.lines if text in line.text]
    return line


# What can be read, written out by hand


def test_a_kitchen_ticket_says_what_to_make() -> None:
    assert sheet_of(ticket("kitchen"), profile("cp437")).text.splitlines() == [
        "Oven 2015-000002",
        "42",
        "TAKEAWAY",
        "WANTED 13:15",
        "-" * 48,
        "1 x Classic Deluxe [M]",
        "+ More cheese",
        "* well done",
        "2 x Thai Chicken [L]",
        "ALLERGY: No peanuts!",
        "-" * 48,
        "Placed 2026-11-22 12:30 Main Street",
    ]


def test_a_kitchen_ticket_in_chinese_is_text_on_a_chinese_printer() -> None:
    sheet = sheet_of(ticket("kitchen", DISHES), profile("gb18030"))
    assert sheet.text.splitlines() == [
        "热菜 MP-000417",
        "128",
        "堂食 桌号 A12",
        "-" * 48,
        "2 x 宫保鸡丁 [大]",
        "+ 微辣",
        "* 不要香菜",
        "1 x 水煮鱼",
        "过敏: 花生过敏",
        "-" * 48,
        "下单 2026-11-22 12:30 人民广场店",
    ]
    assert sheet.pictures == []


def test_a_receipt_adds_up() -> None:
    """59.00 less 5.90 is 53.10; of 60.00 in cash 6.90 go back."""
    sheet = sheet_of(ticket("receipt", bill=BILL, header=["1 Main St"], footer=["Thank you"]), profile("cp437"))
    assert sheet.text.splitlines() == [
        "Main Street",
        "1 Main St",
        "42",
        "TAKEAWAY 2015-000002",
        "2026-11-22 12:30",
        "WANTED 2026-11-22 13:15",
        "-" * 48,
        "1 x Classic Deluxe [M] 17.50",
        "+ More cheese",
        "* well done",
        "2 x Thai Chicken [L] 41.50",
        "* No peanuts!",
        "-" * 48,
        "Subtotal 59.00",
        "Discount lunch -5.90",
        "Tax 3.01",
        "TOTAL USD 53.10",
        "cash 60.00",
        "Change 6.90",
        "Thank you",
    ]


@pytest.mark.parametrize(("currency", "total"), [("JPY", "JPY 5,310"), ("KWD", "KWD 5.310"), ("CNY", "CNY 53.10")])
def test_amounts_have_their_currency_s_decimals(currency: str, total: str) -> None:
    """ISO 4217: the yen has none, the Kuwaiti dinar three."""
    bill = BILL.model_copy(update={"currency": currency})
    assert f"TOTAL {total}" in sheet_of(ticket("receipt", bill=bill), profile("cp437")).text


def test_a_receipt_of_rounded_cash_after_a_refund_adds_up() -> None:
    """53.12 is 53.10 in coins of five cents, and what went back to the wrong card is no change."""
    bill = BILL.model_copy(
        update={"total": 5312, "payments": [Entry(name="card", amount=2000), Entry(name="cash", amount=5310)],
                "rounding": -2, "refunded": 2000}
    )  # fmt: skip
    lines = sheet_of(ticket("receipt", bill=bill), profile("cp437")).text.splitlines()
    start = lines.index("TOTAL USD 53.12")
    assert lines[start : start + 5] == [
        "TOTAL USD 53.12", "Rounding -0.02", "card 20.00", "cash 53.10", "Refunded -20.00",
    ]  # fmt: skip


def test_a_packing_slip_names_the_guest_and_counts_the_pieces() -> None:
    slip = sheet_of(ticket("packing", DISHES, guest=GUEST, service="delivery"), profile("gb18030"))
    assert {"李伟", "138 0000 0000", "南京东路 100 号", "件数 3"} <= set(slip.text.splitlines())


def test_every_piece_gets_its_label() -> None:
    labels = printed(render(ticket("label"), profile("cp437", 384)), 384)
    assert [label.text.splitlines()[:2] for label in labels] == [
        ["#42 1/3", "Classic Deluxe"],
        ["#42 2/3", "Thai Chicken [L]"],
        ["#42 3/3", "Thai Chicken [L]"],
    ]


def test_a_cancellation_cannot_be_taken_for_an_order() -> None:
    sheet = sheet_of(ticket("cancellation", reason="The guest left"), profile("cp437"))
    read = [line for line in sheet.lines if line.text.strip()]
    assert [line.text.strip() for line in (*read[:2], read[-1])] == ["CANCELLED", "DO NOT MAKE", "CANCELLED"]
    assert all(line.inverse and line.high >= 3 for line in (*read[:2], read[-1]))
    assert {"NO 1 x Classic Deluxe", "NO 2 x Thai Chicken [L]", "The guest left"} <= set(sheet.text.splitlines())


@pytest.mark.parametrize("kind", ["kitchen", "packing", "receipt", "label", "cancellation"])
def test_a_reprint_says_so_and_which(kind: str) -> None:
    for sheet in printed(render(ticket(kind, reprint=2), profile("cp437"))):
        line = line_with(sheet, "REPRINT 2")
        assert (line.inverse, line.columns) == (True, 48)


def test_an_agent_s_own_reprint_has_a_mark_that_is_not_cut_off() -> None:
    for language in Language:
        [sheet] = printed(mark(3, profile("raster"), language))
        assert sheet.cut == ""
        assert len(mark(3, profile("raster"), language)) <= 4_000, "it has to go into the frame of its job"
    [sheet] = printed(mark(3, profile("gb18030", 384)), 384)
    assert (sheet.text, sheet.cut) == ("REPRINT 3", "")


def test_a_test_page_shows_the_profile() -> None:
    sheet = sheet_of(ticket("test", about=["printer kitchen"]), profile("gb18030"))
    assert "TEST PAGE" in sheet.text
    assert line_with(sheet, "1234567890").columns == 48


# How it looks


@pytest.mark.parametrize("dots", PAPERS)
def test_a_kitchen_reads_it_from_a_metre_away(dots: int) -> None:
    """203 dots an inch: 48 dots are 6 mm, the pickup number 18 mm."""
    sheet = sheet_of(ticket("kitchen"), profile("cp437", dots))
    assert (line_with(sheet, "42").wide, line_with(sheet, "42").high) == (6, 6)
    for text in ("Classic", "More cheese", "well done"):
        assert (line_with(sheet, text).wide, line_with(sheet, text).high) == (2, 2)


@pytest.mark.parametrize("dots", PAPERS)
def test_an_allergy_is_white_on_black_from_edge_to_edge(dots: int) -> None:
    sheet = sheet_of(ticket("kitchen"), profile("cp437", dots))
    band = [line for line in sheet.lines if line.inverse and "WANTED" not in line.text]
    assert "".join(line.text for line in band).split() == ["ALLERGY:", "No", "peanuts!"]
    assert {line.columns for line in band} == {dots // 12}


def test_what_is_centred_is_in_the_middle() -> None:
    number = line_with(sheet_of(ticket("kitchen"), profile("cp437")), "42")
    assert number.columns == (48 - 12) // 2 + 12


@pytest.mark.parametrize("cut", ["partial", "full", "none"])
def test_paper_is_fed_to_the_cutter_and_cut_as_the_printer_can(cut: str) -> None:
    """GS V 66 and 65 feed by themselves; a clone without them feeds five lines first."""
    data = render(ticket("kitchen"), profile("cp437", cut=cut))
    assert data.endswith({"partial": b"\x1dVB\0", "full": b"\x1dVA\0", "none": b"\x1bd\x06"}[cut])
    clone = render(ticket("kitchen"), profile("cp437", cut=cut, lacks=["cut_feed"]))
    assert clone.endswith({"partial": b"\x1bd\x05\x1dV\x01", "full": b"\x1bd\x05\x1dV\0", "none": b"\x1bd\x06"}[cut])


@pytest.mark.parametrize(
    ("kind", "drawer", "until", "reprint", "kicks"),
    [
        ("receipt", True, NOON, 0, 1), ("receipt", True, None, 0, 0), ("receipt", True, NOON, 1, 0),
        ("receipt", False, NOON, 0, 0), ("kitchen", True, NOON, 0, 0),
    ],
)  # fmt: skip
def test_the_drawer_opens_once_and_for_receipts_of_cash(
    kind: str, drawer: bool, until: datetime | None, reprint: int, kicks: int  # noqa: FBT001 - a table's column
) -> None:  # fmt: skip
    sheet = sheet_of(ticket(kind, reprint=reprint, drawer_until=until), profile("cp437", drawer=drawer))
    assert sheet.kicks == kicks


def test_a_receipt_of_an_order_for_later_says_for_when() -> None:
    in_two_days = ticket("receipt", wanted_for=NOON + timedelta(days=2, minutes=45))
    line = line_with(sheet_of(in_two_days, profile("cp437")), "WANTED")
    assert line.text.strip() == "WANTED 2026-11-24 13:15"


def test_a_receipt_shows_the_logo() -> None:
    drawn = io.BytesIO()
    Image.new("L", (80, 40), 0).save(drawn, "PNG")
    on = Profile(encoding=Encoding.CP437).model_copy(update={"logo": drawn.getvalue()})
    [logo] = sheet_of(ticket("receipt"), on).pictures[1:2]
    assert logo.getbbox() == (248, 0, 328, 40)
    assert sheet_of(ticket("kitchen"), on).pictures == []


# What printers cannot do by themselves goes as a picture


def test_a_line_with_a_character_that_the_printer_lacks_is_a_picture_and_the_others_are_text() -> None:
    wish = TicketLine(name="Tea", options=["no 🧊", "hot"])
    sheet = sheet_of(ticket("kitchen", lines=[wish]), profile("gb18030"))
    assert [line.text.strip() for line in sheet.lines if line.text.strip().startswith(("1", "+"))] == [
        "1 x Tea",
        "+ hot",
    ]
    assert sheet.pictures


@pytest.mark.parametrize(("lack", "text"), [("sizes", "Classic"), ("inverse", "ALLERGY")])
def test_a_clone_gets_as_a_picture_what_it_cannot_do(lack: str, text: str) -> None:
    sheet = sheet_of(ticket("kitchen"), profile("cp437"))
    clone = sheet_of(ticket("kitchen"), profile("cp437", lacks=[lack]))
    assert text in sheet.text
    assert text not in clone.text
    assert clone.pictures


def test_a_printer_without_two_bytes_gets_chinese_as_pictures() -> None:
    sheet = sheet_of(ticket("kitchen", DISHES), profile("cp858"))
    assert "128" in sheet.text
    assert sheet.text.isascii()
    assert sheet.pictures


def test_letters_that_chinese_printers_have_two_columns_wide_are_pictures() -> None:
    """GB 2312 has é (A8A6) and Ω (A6B8), as wide as Han characters."""
    sheet = sheet_of(ticket("kitchen", lines=[TicketLine(name="Crème")]), profile("gb18030"))
    assert "Cr" not in sheet.text
    assert "Crème" in sheet_of(ticket("kitchen", lines=[TicketLine(name="Crème")]), profile("cp858")).text


def test_arabic_begins_at_the_right() -> None:
    [line] = printed(render(ticket("kitchen", ARABIC), profile("raster")))
    picture = line.image
    header = picture.crop((0, 0, 576, 30))
    ink = ImageChops.invert(header.convert("L")).getbbox()
    assert ink is not None
    assert (ink[0] < 12, ink[2] > 576 - 12) == (True, True)
    store, number = header.crop((288, 0, 576, 30)), header.crop((0, 0, 288, 30))
    alone = printed(to_bytes([Text("T-5512", bold=True)], profile("raster")))[0].image
    assert number.crop((0, 0, 72, 30)).tobytes() == alone.crop((0, 0, 72, 30)).tobytes()
    assert ImageChops.invert(store.convert("L")).getbbox() is not None


# On every printer


HAN = {"big5": "big5"}


@pytest.mark.parametrize(("name", "encoding"), GOLDENS)
def test_bytes_are_those_that_were_reviewed(name: str, encoding: str) -> None:
    reviewed = (FOLDER / f"{name}.{encoding}.escpos").read_bytes()
    assert render(SAMPLES[name], profile(encoding, GOLDENS[name, encoding])) == reviewed


def test_every_encoding_has_reviewed_bytes() -> None:
    assert {encoding for _, encoding in GOLDENS} == set(Encoding)


@pytest.mark.parametrize("dots", PAPERS)
@pytest.mark.parametrize("encoding", [encoding.value for encoding in Encoding])
@pytest.mark.parametrize("name", SAMPLES)
def test_every_ticket_fits_every_printer(name: str, encoding: str, dots: int) -> None:
    data = render(SAMPLES[name], profile(encoding, dots))
    assert data.startswith(b"\x1b@")
    assert not [obeyed for obeyed in OBEYED_EVERYWHERE if obeyed in data]
    assert [sheet.broken for sheet in printed(data, dots, HAN.get(encoding, "gb18030"))] == [0] * data.count(
        b"\x1dVB\0"
    )


@pytest.mark.parametrize("dots", PAPERS)
@pytest.mark.parametrize("encoding", ["gb18030", "cp858", "raster"])
@pytest.mark.parametrize("name", SAMPLES)
def test_the_preview_is_what_the_paper_shows(name: str, encoding: str, dots: int) -> None:
    """Pictures dot for dot; where the printer's own font prints, ink in the same lines and as far to the right."""
    on = profile(encoding, dots)
    sheets = printed(render(SAMPLES[name], on), dots)
    with Image.open(io.BytesIO(preview(SAMPLES[name], on))) as opened:
        picture = opened.convert("L").crop((24, 24, 24 + dots, opened.height - 24))
    assert picture.height == sum(sheet.image.height + 48 for sheet in sheets)
    top = 0
    for sheet in sheets:
        for piece in sheet.pieces:
            ink = picture.crop((0, top, dots, top + piece.height)).point(lambda grey: 255 * (grey < 128)).convert("1")
            if piece in sheet.pictures:
                expected = Image.new("1", ink.size)
                expected.paste(piece)
                assert ink.tobytes() == expected.tobytes()
            else:
                assert _span(ink) == pytest.approx(_span(piece), abs=48)
            top += piece.height
        top += 48


def _span(image: Image.Image) -> tuple[int, int]:
    """Where ink begins and ends across the paper."""
    box = image.getbbox() or (0, 0, 0, 0)
    return box[0], box[2]


# Whatever people type


ANY_TEXT = st.text(min_size=1, max_size=60)
COMMANDS = ["\x10\x04\x01", "\x1b@", "a\nb\tc", "\u202eabc"]
SCRIPTS = ["👨\u200d👩\u200d👧", "xx\u0301\u0302", *["ไทย", "한국어", "नमस्ते", "﷽", "𠮷野家"]]
HARD = st.sampled_from(COMMANDS + SCRIPTS)


@settings(deadline=None)
@given(
    texts=st.lists(ANY_TEXT | HARD, min_size=6, max_size=6),
    kind=st.sampled_from(list(TicketKind)),
    encoding=st.sampled_from(list(Encoding)),
    dots=st.sampled_from(PAPERS),
    language=st.sampled_from(list(Language)),
)
def test_any_text_gives_a_ticket_within_its_paper(
    texts: list[str], kind: TicketKind, encoding: Encoding, dots: int, language: Language
) -> None:
    name, option, note, allergy, store, reason = texts
    line = TicketLine(name=name, options=[option], note=note, allergy=allergy, amount=100)
    rendered = Ticket(
        kind=kind, store=store, language=language, lines=[line], reason=reason, number=name, pickup_number=1
    )
    data = render(rendered, profile(encoding.value, dots))
    assert not [obeyed for obeyed in OBEYED_EVERYWHERE if obeyed in data]
    for sheet in printed(data, dots, HAN.get(encoding.value, "gb18030")):
        assert sheet.broken == 0


LETTERS = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 宫保鸡丁鱼香肉丝麻辣"), min_size=1
)


@settings(deadline=None)
@given(name=LETTERS, option=LETTERS, note=LETTERS, allergy=LETTERS, dots=st.sampled_from(PAPERS))
def test_nothing_that_matters_is_left_out(name: str, option: str, note: str, allergy: str, dots: int) -> None:
    line = TicketLine(name=name, options=[option], note=note, allergy=allergy, quantity=3)
    sheet = sheet_of(ticket("kitchen", lines=[line]), profile("gb18030", dots))
    read = "".join(sheet.text.split())
    for text in (f"3x{name}", f"+{option}", f"*{note}", f"ALLERGY:{allergy}", "42"):
        assert "".join(text.split()) in read


@given(st.binary(max_size=300) | st.lists(st.sampled_from([b"\x10", b"\x04", b"\x05", b"\x14"])).map(b"".join))
def test_image_data_holds_no_command_and_all_its_ink(data: bytes) -> None:
    sent = without_dle_commands(data)
    assert not [obeyed for obeyed in OBEYED_EVERYWHERE if obeyed in sent]
    assert len(sent) == len(data)
    assert all(before & after == before for before, after in zip(data, sent, strict=True))


def test_an_enormous_ticket_is_set_in_small_type_and_a_larger_one_is_refused() -> None:
    long = [TicketLine(name="A very long name of a dish " * 4, note="x" * 200) for _ in range(200)]
    small = render(ticket("kitchen", lines=long), profile("raster"))
    assert len(small) <= tickets.MAX_PAYLOAD_BYTES
    with pytest.raises(Rejected, match="ticket_too_large"):
        render(ticket("kitchen", lines=long * 5), profile("raster"))
