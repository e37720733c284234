"""Bytes from Epson's reference and from the facts of the field, not from the code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dumbwaiter_agent import escpos
from dumbwaiter_agent.escpos import Changed, Echo, Fence, Realtime, Replies, Reply, Serial, Status


@pytest.mark.parametrize(
    ("answers", "status", "trouble"),
    [
        ("12 12 12 12", Status(), None),
        ("1a 32 12 7e", Status(online=False, paper="out"), "paper_out"),
        ("1a 16 12 12", Status(online=False, cover_open=True), "cover_open"),
        ("12 12 12 1e", Status(paper="low"), None),
        ("1a 52 1a 12", Status(online=False, error="cutter"), "error_cutter"),
        ("1a 52 32 12", Status(online=False, error="unrecoverable"), "error_unrecoverable"),
        ("1a 52 52 12", Status(online=False, error="recoverable"), "error_recoverable"),
        ("1a 12 12 12", Status(online=False), "offline"),
        ("16 12 12 12", Status(), None),  # drawer pin
    ],
)
def test_dle_eot_says_how_the_printer_is(answers: str, status: Status, trouble: str | None) -> None:
    found = Status.of_realtime(bytes.fromhex(answers))
    assert (found, found.trouble) == (status, trouble)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("10 00 00 00", Status()),
        ("14 00 00 0f", Status()),  # drawer pin; version bits
        ("38 00 00 00", Status(online=False, cover_open=True)),
        ("18 00 0c 00", Status(online=False, paper="out")),
        ("10 00 03 00", Status(paper="low")),
        ("18 08 00 00", Status(online=False, error="cutter")),
        ("18 20 00 00", Status(online=False, error="unrecoverable")),
        ("18 40 00 00", Status(online=False, error="recoverable")),
    ],
)
def test_automatic_status_says_the_same(data: str, status: Status) -> None:
    assert Status.of_change(bytes.fromhex(data)) == status


@pytest.mark.parametrize(
    ("data", "replies"),
    [
        ("12", [Realtime(0x12)]),
        ("7e", [Realtime(0x7E)]),
        ("00", [Fence(0x00)]),
        ("0c", [Fence(0x0C)]),
        ("10 00 0c 00", [Changed(b"\x10\x00\x0c\x00")]),
        ("37 22 61 62 63 64 00", [Echo(b"abcd")]),
        ("37 22 20 7e 37 22 00", [Echo(b" ~7\x22")]),
        ("11 13 12", [Realtime(0x12)]),  # XON, XOFF
        ("37 21 61 00 00", [Fence(0)]),  # another process id's block
        ("12 10 00 00 00 37 22 41 42 43 44 00 00", [Realtime(0x12), Changed(b"\x10\0\0\0"), Echo(b"ABCD"), Fence(0)]),
        ("10 12", [Realtime(0x12)]),  # the first byte of a status that got lost
        ("80 ff 12", [Realtime(0x12)]),
    ],
)
def test_replies_are_told_apart(data: str, replies: list[Reply]) -> None:
    assert Replies().feed(bytes.fromhex(data)) == replies


REPLIES = st.one_of(
    st.builds(Realtime, st.sampled_from([0x12, 0x1A, 0x32, 0x7E])),
    st.builds(Fence, st.sampled_from([0x00, 0x03, 0x0C, 0x0F])),
    st.builds(Changed, st.tuples(st.sampled_from([0x10, 0x38]), *[st.integers(0, 15)] * 3).map(bytes)),
    st.builds(Serial, st.text("AZ09-", min_size=1, max_size=20)),
    st.builds(Echo, st.lists(st.integers(0x20, 0x7E), min_size=4, max_size=4).map(bytes)),
)


def wire(reply: Reply) -> bytes:
    match reply:
        case Realtime(byte) | Fence(byte):
            return bytes([byte])
        case Changed(data):
            return data
        case Echo(token):
            return b"\x37\x22" + token + b"\0"
        case Serial(number):
            return b"\x5f" + number.encode() + b"\0"


@given(st.lists(REPLIES, max_size=12), st.data())
def test_replies_arrive_whole_however_the_network_cuts_them(sent: list[Reply], data: st.DataObject) -> None:
    stream = b"".join(map(wire, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    replies, found = Replies(), list[Reply]()
    replies.serial_asked = True
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += replies.feed(stream[start:end])
    assert found == sent


@given(st.binary(max_size=400))
def test_noise_is_survived(noise: bytes) -> None:
    replies = Replies()
    replies.feed(noise)
    replies.feed(b"\xff" * 90 + b"\0")
    assert replies.feed(b"\x12")[-1:] == [Realtime(0x12)]


def test_the_bytes_are_those_of_the_reference() -> None:
    assert b"".join(escpos.ASK_STATUS) == bytes.fromhex("100401 100402 100403 100404")
    assert escpos.echo_request(b"ab~ ") == bytes.fromhex("1d284806003030 61627e20")
    assert bytes.fromhex("1d7201") == escpos.FENCE
    assert bytes.fromhex("1d610e") == escpos.REPORT_CHANGES
