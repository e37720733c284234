"""Printers whose addresses went to others: whose ticket comes out where, and who is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dumbwaiter_agent import agent as agent_module
from dumbwaiter_agent import identity, places, printers
from dumbwaiter_agent.check import check
from dumbwaiter_agent.escpos import Echo, Fence, Replies, Serial
from dumbwaiter_agent.places import Places, Verdict
from dumbwaiter_agent.printer_connection import Printer as Settings
from tests.simulators.printer import Printer
from tests.simulators.store import Store, store
from tests.simulators.tickets import paper_of, ticket, whole
from tests.support.waiting import until

HOT, BAR = "00:26:ab:00:00:01", "00:26:ab:00:00:02"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dumbwaiter_agent.printer_connection.REOPEN_SECONDS", 0.3)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def awaited() -> None:
        await test()

    asyncio.run(awaited())


# The neighbour table


TABLE = """IP address       HW type     Flags       HW address            Mask     Device
192.168.7.21     0x1         0x2         00:26:AB:11:22:33     *        eth0
192.168.7.22     0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.7.2      0x1         0x6         00:26:ab:11:22:44     *        eth0
"""


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("192.168.7.21", "00:26:ab:11:22:33"),
        ("192.168.7.22", None),  # nobody has answered there
        ("192.168.7.2", "00:26:ab:11:22:44"),
        ("192.168.7.1", None),
    ],
)
def test_a_neighbour_is_read_from_the_system_s_table(peer: str, address: str | None) -> None:
    assert identity.of_table(TABLE, peer) == address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0:26:ab:1:2:3 on en0 ifscope [ethernet]", "00:26:ab:01:02:03"),
        ("00-26-AB-01-02-03", "00:26:ab:01:02:03"),
        ("(incomplete) on en0", None),
        ("", None),
    ],
)
def test_addresses_are_written_in_one_way(text: str, address: str | None) -> None:
    assert identity._plain(text) == address


def test_a_peer_that_is_no_neighbour_has_no_address() -> None:
    assert identity.hardware_address("127.0.0.1") is None


# What a printer says of itself


def test_a_serial_number_is_read_among_other_replies_and_only_if_it_was_asked_for() -> None:
    replies = Replies()
    replies.serial_asked = True
    data = b"\x00\x5fX4WT01\x00\x37\x22abcd\x00"
    found = [reply for byte in data for reply in replies.feed(bytes([byte]))]
    assert found == [Fence(0), Serial("X4WT01"), Echo(b"abcd")]
    assert Replies().feed(b"\x5f\x37\x22abcd\x00") == [Echo(b"abcd")]


# What is known of them


A, B, C = "tcp://10.0.0.1:9100", "tcp://10.0.0.2:9100", "tcp://10.0.0.3:9100"


@pytest.fixture
def known(tmp_path: Path) -> Places:
    found = Places(tmp_path / "printers.json")
    assert found.judge("hot", A, A, "serial:1") is Verdict.RIGHT
    assert found.judge("bar", B, B, "serial:2") is Verdict.RIGHT
    return Places(tmp_path / "printers.json")  # as after a restart


def test_two_that_have_changed_places_are_looked_for_where_the_other_one_was(known: Places) -> None:
    assert known.judge("hot", A, A, "serial:2") is Verdict.OTHER
    assert known.elsewhere("hot", A, A) == A  # nobody has seen it yet
    assert known.judge("bar", B, B, "serial:1") is Verdict.OTHER
    assert (known.elsewhere("hot", A, A), known.elsewhere("bar", B, B)) == (B, A)
    assert known.judge("hot", A, B, "serial:1") is Verdict.RIGHT
    assert known.judge("bar", B, A, "serial:2") is Verdict.RIGHT
    # And back: what was seen where is of before.
    assert known.judge("hot", A, B, "serial:2") is Verdict.OTHER
    assert known.elsewhere("hot", A, B) == A


def test_a_stranger_is_no_printer_of_ours_before_a_person_says_so(known: Places) -> None:
    assert known.judge("hot", A, A, "serial:9") is Verdict.OTHER
    known.accept("hot")
    assert known.judge("hot", A, A, "serial:9") is Verdict.RIGHT
    assert known.judge("hot", A, A, "serial:1") is Verdict.OTHER


def test_an_address_that_a_person_has_set_is_learnt_anew(known: Places) -> None:
    assert known.judge("hot", C, C, "serial:9") is Verdict.RIGHT
    assert known.judge("hot", C, C, "serial:1") is Verdict.OTHER


def test_one_that_was_never_met_is_not_one_that_is_known_by_another_name(known: Places) -> None:
    assert known.judge("drinks", C, C, "serial:1") is Verdict.OTHER
    assert known.judge("receipts", A, A, "serial:1") is Verdict.RIGHT  # two names of one printer


def test_clones_with_one_serial_number_print(known: Places) -> None:
    known.judge("hot", A, A, "serial:1")  # it is there just now, and so it is not this one
    assert known.judge("drinks", C, C, "serial:1") is Verdict.RIGHT


@pytest.mark.parametrize("seen", [None, "mac:00:26:ab:11:22:33/9100"])
def test_what_cannot_be_compared_proves_nothing(known: Places, seen: str | None) -> None:
    assert known.judge("hot", A, A, seen) is Verdict.UNPROVEN


def test_printers_of_one_box_are_told_apart_by_their_ports() -> None:
    assert places.by_hardware("tcp://10.0.0.9:9101", HOT) == f"mac:{HOT}/9101"
    assert places.by_hardware("tcp://10.0.0.9", HOT) == f"mac:{HOT}/9100"


# The agent among printers


class Network:
    """Two printers at two addresses, as hosts of their own; `neighbours` is the machine's table."""

    def __init__(self, site: Store) -> None:
        self.site = site
        self.table: dict[str, str] = {}

    def neighbour(self, peer: str) -> str | None:
        return self.table.get(peer)

    async def swap(self) -> None:
        """Each gets the other one's address, as from a DHCP server that has forgotten."""
        hot, bar = (self.site.printers[name] for name in ("hot", "bar"))
        for one in (hot, bar):
            await one.stop()
        (hot.host, hot.port), (bar.host, bar.port) = (bar.host, bar.port), (hot.host, hot.port)
        if self.table:
            self.table = dict(zip(self.table, reversed(self.table.values()), strict=True))
        for one in (hot, bar):
            await one.start(one.port)


@asynccontextmanager
async def network(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    hardware: bool = False,
    serials: bool = False,
    role: str = "printing",
) -> AsyncIterator[Network]:
    async with store(folder, printers=("hot", "bar"), started=False) as site:
        found = Network(site)
        for printer, host, serial in zip(site.printers.values(), ("127.0.0.2", "127.0.0.3"), ("S1", "S2"), strict=True):
            await printer.stop()
            printer.host, printer.serial = host, serial if serials else ""
            await printer.start(site.printers["hot"].port)  # one for both, as 9100 in a store
        if hardware:
            found.table = {"127.0.0.2": HOT, "127.0.0.3": BAR}
        monkeypatch.setattr(agent_module, "Places", lambda path: Places(path, neighbours=found.neighbour))
        site.relay.role = role
        site.start()
        if role == "printing":
            await until(lambda: [one.get("state") for one in site.relay.printers.values()] == ["ready"] * 2)
        yield found


async def printed(site: Store, *names: str) -> None:
    """A job for each printer, and its end."""
    for name in names:
        site.relay.add(name, ticket(name), printer=name.partition("-")[0])
    await until(site.relay.all_final)


@pytest.mark.parametrize(("hardware", "serials"), [(True, False), (False, True)])
def test_printers_that_have_changed_addresses_print_their_own_tickets(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hardware: bool,  # noqa: FBT001
    serials: bool,  # noqa: FBT001
) -> None:
    async def test() -> None:
        async with network(tmp_path, monkeypatch, hardware=hardware, serials=serials) as net:
            await printed(net.site, "hot-1", "bar-1")
            hot, bar = (net.site.printers[name] for name in ("hot", "bar"))
            for day in (2, 3):  # and back
                await net.swap()
                await printed(net.site, f"hot-{day}", f"bar-{day}")
            assert set(net.site.relay.states().values()) == {"printed"}
            assert list(whole(paper_of(hot))) == ["hot-1", "hot-2", "hot-3"]
            assert list(whole(paper_of(bar))) == ["bar-1", "bar-2", "bar-3"]

    run(test)


@pytest.mark.parametrize(("hardware", "serials"), [(True, False), (False, True)])
def test_a_standby_knows_printers_that_change_addresses_before_it_prints_for_the_first_time(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hardware: bool,  # noqa: FBT001
    serials: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr(printers, "MEET_SECONDS", 0.2)

    async def test() -> None:
        async with network(tmp_path, monkeypatch, hardware=hardware, serials=serials, role="standby") as net:
            hot, bar = (net.site.printers[name] for name in ("hot", "bar"))
            learnt = Places(tmp_path / "printers.json")
            addresses = {"hot": f"tcp://{hot.host}:{hot.port}", "bar": f"tcp://{bar.host}:{bar.port}"}
            await until(lambda: all(learnt.expected(name, at) for name, at in addresses.items()))
            await net.swap()
            net.site.relay.role = "printing"
            await net.site.relay.say({"type": "role", "role": "printing"})
            await printed(net.site, "hot-1", "bar-1")
            assert (list(whole(paper_of(hot))), list(whole(paper_of(bar)))) == (["hot-1"], ["bar-1"])

    run(test)


@pytest.mark.parametrize(("hardware", "serials"), [(True, False), (False, True)])
def test_where_another_printer_answers_nothing_is_printed_and_the_relay_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hardware: bool,  # noqa: FBT001
    serials: bool,  # noqa: FBT001
) -> None:
    """A printer that was replaced, or an address that went to the office's."""

    async def test() -> None:
        async with network(tmp_path, monkeypatch, hardware=hardware, serials=serials) as net:
            hot = net.site.printers["hot"]
            port = hot.port
            await hot.stop()
            hot.serial = hot.serial and "S9"
            net.table = {**net.table, "127.0.0.2": "00:26:ab:00:00:09"} if hardware else {}
            await hot.start(port)
            job = net.site.relay.add("hot-1", ticket("hot-1"), printer="hot")
            await until(lambda: net.site.relay.printers["hot"].get("trouble") == "other_printer")
            assert net.site.relay.printers["hot"]["state"] == "unreachable"
            await asyncio.sleep(1.0)
            assert (job.state, whole(paper_of(hot))) == ("received", {})
            Places(tmp_path / "printers.json").accept("hot")  # as `check hot --accept`
            await until(net.site.relay.all_final)
            assert whole(paper_of(hot)) == {"hot-1": 1}
            assert net.site.relay.printers["hot"].get("trouble") is None

    run(test)


def test_a_printer_whose_paper_is_out_tells_its_serial_number_before_its_next_ticket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with network(tmp_path, monkeypatch, serials=True) as net:
            hot, bar = (net.site.printers[name] for name in ("hot", "bar"))
            for one in (hot, bar):
                one.run_out()
            await net.swap()
            for name in ("hot", "bar"):
                net.site.relay.add(name, ticket(name), printer=name)
            await asyncio.sleep(1.0)
            for one in (hot, bar):
                one.new_paper()
            await until(net.site.relay.all_final)
            assert (whole(paper_of(hot)), whole(paper_of(bar))) == ({"hot": 1}, {"bar": 1})

    run(test)


def test_printers_that_say_nothing_of_themselves_print_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with network(tmp_path, monkeypatch) as net:
            await printed(net.site, "hot-1", "bar-1")
            for one in net.site.printers.values():
                one.cut_connections()
            await printed(net.site, "hot-2", "bar-2")
            hot = net.site.printers["hot"]
            assert whole(paper_of(hot)) == {"hot-1": 1, "hot-2": 1}
            assert bytes(hot.received).count(b"\x1dID") == 1

    run(test)


def test_check_learns_and_says_when_another_printer_is_there(tmp_path: Path) -> None:
    async def test() -> None:
        async with Printer() as printer:
            printer.serial = "S1"
            settings = Settings("hot", printer.address, answer=0.2)
            known = Places(tmp_path / "printers.json")
            lines, good = await check(settings, "w1", 1.0, known)
            assert ("it is known again by serial:S1" in lines, good) == (True, True)
            printer.serial = "S2"
            lines, good = await check(settings, "w2", 1.0, known)
            assert ("check hot --accept" in lines[-1], good) == (True, False)
            known.accept("hot")
            assert (await check(settings, "w3", 1.0, known))[1] is True
            assert [one.text.split()[:2] for one in printer.paper] == [["TEST", "w1"], ["TEST", "w3"]]

    run(test)
