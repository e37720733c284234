"""A paid order is paper: through the deployed stack, a real agent and a scripted printer, and what cannot break it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from dumbwaiter_agent import credentials
from dumbwaiter_agent.clock import RelayClock
from dumbwaiter_agent.connection import dial
from dumbwaiter_agent.credentials import Identity
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.agent_process import AgentProcess
from tests.simulators.print_drill import CHECKOUT, QUICK, Drill
from tests.simulators.print_store import enrolled
from tests.simulators.printer import Printer
from tests.simulators.proxy import Proxy
from tests.support.orders import MENU, SETTINGS, an_order, paid
from tests.support.waiting import on_this_machine, until

HOT = {"id": "kitchen_hot", "name": "Hot", "printer": "kitchen"}


@pytest.fixture
def call(stack: Stack) -> Iterator[Caller]:
    caller = Caller(stack.place.http, stack.place.keys["head_office"])
    with caller.http:
        yield caller


@pytest.fixture
def store(call: Caller, request: pytest.FixtureRequest) -> str:
    store_id = f"p-{time.time_ns():x}"
    routing = {"stations": [HOT], **getattr(request, "param", {})}
    for target, body in {
        f"/v1/stores/{store_id}": SETTINGS,
        f"/v1/stores/{store_id}/menu": MENU,
        f"/v1/printing/stores/{store_id}/routing": routing,
    }.items():
        call("PUT", target, body).raise_for_status()
    return store_id


def numbers(printer: Printer) -> Counter[str]:
    """How often each order's number is on whole tickets."""
    words = (word for ticket in printer.paper for word in ticket.text.split())
    return Counter(word for word in words if word.startswith("order-"))


async def order(call: Caller, store: str, number: str, **parts: Any) -> str:
    body = an_order(store, payments=paid(1325), source={"kind": "till", "id": store, "number": number}, **parts)
    reply = await asyncio.to_thread(call, "POST", "/v1/orders", body)
    order_id: str = reply.raise_for_status().json()["id"]
    return order_id


def trace(call: Caller, order_id: str) -> list[str]:
    return [message["type"] for message in call("GET", f"/v1/orders/{order_id}/trace").json()["messages"]]


def told(stack: Stack, kind: str, store: str) -> list[str]:
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT body FROM messages WHERE type = %s AND store_id = %s ORDER BY id", (kind, f"demo:{store}")
        )
        return [body for (body,) in cursor.fetchall()]


def queued(stack: Stack, store: str) -> list[str]:
    """The orders of a store's jobs, in the order in which its printer is to print them."""
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT order_id FROM print_jobs WHERE store_id = %s ORDER BY seq", (f"demo:{store}",))
        return [order_id for (order_id,) in cursor.fetchall()]


async def connected(stack: Stack, store: str) -> None:
    await until(lambda: told(stack, "printing.agent_online", store))


def test_a_paid_order_is_paper_and_its_trace_says_so(stack: Stack, call: Caller, store: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with Printer() as printer:
            config = await asyncio.to_thread(enrolled, tmp_path, call, store, {"kitchen": printer.address})
            async with AgentProcess(config):
                await connected(stack, store)
                order_id = await order(call, store, "order-1")
                await until(lambda: numbers(printer) == {"order-1": 1})
                await until(lambda: trace(call, order_id)[-1] == "print.job_printed")
                assert trace(call, order_id) == ["order.placed", "order.paid", "print.job_queued", "print.job_printed"]
                printer.run_out()
                seconds = await until(lambda: '"paper":"out"' in told(stack, "printing.printer_changed", store)[-1])
                assert seconds < on_this_machine(2)

    asyncio.run(run())


@pytest.mark.parametrize("store", [{"prints_on": "placed"}], indirect=True)
def test_a_kitchen_that_cooks_before_the_guest_pays_has_its_ticket_then_and_once(
    stack: Stack, call: Caller, store: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with Printer() as printer:
            config = await asyncio.to_thread(enrolled, tmp_path, call, store, {"kitchen": printer.address})
            async with AgentProcess(config):
                await connected(stack, store)
                body = an_order(store, source={"kind": "till", "id": store, "number": "order-1"})
                order_id = call("POST", "/v1/orders", body).raise_for_status().json()["id"]
                await until(lambda: numbers(printer) == {"order-1": 1})
                call("POST", f"/v1/orders/{order_id}/payments", paid(1325)[0]).raise_for_status()
                await order(call, store, "order-2")
                await until(lambda: numbers(printer)["order-2"])
                assert numbers(printer) == {"order-1": 1, "order-2": 1}

    asyncio.run(run())


def begin_now(stack: Stack, order_id: str) -> None:
    """The kitchen's time has come for an order for later, and the minute's timer too."""
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE print_plans SET begins_at = UTC_TIMESTAMP(6) WHERE order_id = %s", (order_id,))
        connection.commit()
    stack.emulator.client("lambda").invoke(FunctionName=f"{CHECKOUT}-printing_send_due_jobs", Payload=b"{}")


def called_off(stack: Stack, order_id: str) -> bool:
    """Whether printing has heard of the order's end."""
    with stack.db.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM print_orders WHERE order_id = %s AND cancelled_at IS NOT NULL", (order_id,))
        return cursor.fetchone() is not None


def test_an_order_for_later_is_paper_when_its_kitchen_begins(
    stack: Stack, call: Caller, store: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with Printer() as printer:
            config = await asyncio.to_thread(enrolled, tmp_path, call, store, {"kitchen": printer.address})
            async with AgentProcess(config):
                await connected(stack, store)
                wanted_for = (datetime.now(UTC) + timedelta(days=2)).isoformat()
                later = await order(call, store, "order-1", wanted_for=wanted_for)
                cancelled = await order(call, store, "order-2", wanted_for=wanted_for)
                await order(call, store, "order-3")
                await until(lambda: trace(call, later)[-1] == "print.order_planned")
                await until(lambda: trace(call, cancelled)[-1] == "print.order_planned")
                call("POST", f"/v1/orders/{cancelled}/cancel", {"reason": "guest left"}).raise_for_status()
                await until(lambda: called_off(stack, cancelled))
                await until(lambda: numbers(printer) == {"order-3": 1})
                for order_id in (cancelled, later):
                    await asyncio.to_thread(begin_now, stack, order_id)
                await until(lambda: numbers(printer)["order-1"])
                assert numbers(printer) == {"order-3": 1, "order-1": 1}

    asyncio.run(run())


def test_what_was_ordered_while_the_agent_was_dead_is_printed_once_and_in_order(
    stack: Stack, call: Caller, store: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with Printer() as printer:
            config = await asyncio.to_thread(enrolled, tmp_path, call, store, {"kitchen": printer.address})
            async with AgentProcess(config) as agent:
                await connected(stack, store)
                await agent.kill()
                order_numbers = [f"order-{number}" for number in range(5)]
                placed = {await order(call, store, number): number for number in order_numbers}
                await until(lambda: len(queued(stack, store)) == len(order_numbers))
                await agent.start()
                await until(lambda: numbers(printer) == Counter(order_numbers))
                # The queue between may shuffle orders; the printer's own order is that of its jobs.
                assert list(numbers(printer)) == [placed[order_id] for order_id in queued(stack, store)]

    asyncio.run(run())


def gapless(
    stack: Stack, call: Caller, store: str, folder: Path, during: Callable[[Proxy], Any], **limits: float
) -> None:
    """Ten orders over ten seconds through a proxy with limits: each is on paper, once."""

    async def run() -> None:
        async with Printer() as printer, Proxy(stack.place.websocket or "", **limits) as proxy:
            addresses = {"kitchen": printer.address}
            config = await asyncio.to_thread(enrolled, folder, call, store, addresses, proxy.url, QUICK)
            async with AgentProcess(config):
                await connected(stack, store)
                for number in range(10):
                    await order(call, store, f"order-{number}")
                    await asyncio.sleep(1)
                await until(lambda: len(numbers(printer)) == 10)
                assert numbers(printer) == {f"order-{number}": 1 for number in range(10)}
                during(proxy)

    asyncio.run(run())


@pytest.mark.parametrize("store", [{"heartbeat": 1}], indirect=True)
def test_beats_keep_a_connection_that_would_end_for_its_idleness(
    stack: Stack, call: Caller, store: str, tmp_path: Path
) -> None:
    def stood(proxy: Proxy) -> None:
        assert (proxy.opened, proxy.ended) == (1, 0)

    gapless(stack, call, store, tmp_path, stood, idle=4.0)


@pytest.mark.parametrize("store", [{"lifetime": 3}], indirect=True)
def test_the_next_connection_stands_before_the_old_one_is_too_old(
    stack: Stack, call: Caller, store: str, tmp_path: Path
) -> None:
    def renewed(proxy: Proxy) -> None:
        assert proxy.opened >= 3
        assert proxy.timed_out == 0

    gapless(stack, call, store, tmp_path, renewed, lifetime=15.0)


def test_a_connection_that_is_cut_for_its_age_costs_neither_gap_nor_duplicate(
    stack: Stack, call: Caller, store: str, tmp_path: Path
) -> None:
    def cut(proxy: Proxy) -> None:
        assert proxy.timed_out >= 3

    gapless(stack, call, store, tmp_path, cut, lifetime=2.0)


async def flood(url: str, identity: Identity, frames: int) -> None:
    """As fast as the socket takes them, until the relay hangs up, which it must."""
    socket = await dial(url, identity, RelayClock(), None)
    try:
        ended = asyncio.create_task(_read(socket))
        with suppress(ConnectionClosed):
            for _ in range(frames):
                await socket.send('{"type": "dance"}')
        await ended
    finally:
        await socket.close()


async def _read(socket: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        while True:
            await socket.recv()


def test_floods_of_frames_are_cut_off_and_the_other_stores_print(
    stack: Stack, call: Caller, store: str, tmp_path: Path
) -> None:
    other_store = f"f-{time.time_ns():x}"
    call("PUT", f"/v1/stores/{other_store}", SETTINGS).raise_for_status()
    enrolled(tmp_path / "flood", call, other_store, {})
    identity = credentials.load(tmp_path / "flood/data")
    url = stack.place.websocket or ""

    async def run() -> None:
        async with Printer() as printer:
            config = await asyncio.to_thread(enrolled, tmp_path / "store", call, store, {"kitchen": printer.address})
            async with AgentProcess(config):
                await connected(stack, store)
                floods = [asyncio.create_task(flood(url, identity, 300)) for _ in range(3)]
                for number in range(5):
                    await order(call, store, f"order-{number}")
                await until(lambda: len(numbers(printer)) == 5)
                await asyncio.gather(*floods)

    asyncio.run(run())


def test_whatever_fails_every_ticket_is_on_paper_once_or_a_person_was_told(stack: Stack, tmp_path: Path) -> None:
    drill = Drill(stack, tmp_path, 7)
    drill.workers = ("printing_ws_message",)
    report = asyncio.run(drill.run(orders=20, stores=1))
    assert report.violations == []
    assert report.orders == 20
