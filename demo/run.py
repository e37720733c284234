"""`make run`: a demo chain of four stores takes the orders of a real pizzeria's year, faster than life."""

import itertools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx
from tqdm import tqdm

from demo import examples, pizzaplace
from demo.chat import chat, show_outlet
from demo.erp import erp
from demo.florist import florist
from demo.forecast import forecast_year
from demo.pizzaplace import CHAIN, STORES, Sale
from demo.printers import NO_ROUTING, ROUTING, printers
from demo.sync import compare_year, round_trip
from demo.table import serve_table
from stack.addresses import Place
from stack.signed_requests import Caller
from stack.stack import Stack
from stack.terminal import say

CREATED = HTTPStatus.CREATED
TOO_EARLY = {429, 503}
IN_FLIGHT = 409  # with Retry-After; without, the order is refused
PATIENCE = 30
# Every third order comes from the chain's mini-program, which is paid a moment after it was placed.
MINI_PROGRAM_EVERY = 3
# Of each month. Paper keeps pace with a store's day, and not with a year in a quarter of an hour.
PRINTED_DAYS = 2
# The year sold pizzas alone; this is for trying things out.
TEA = {"id": "tea", "name": "Tea", "category": "drink", "price": 400}


@dataclass
class Tally:
    """Orders and money so far."""

    accepted: int = 0
    again: int = 0
    refused: int = 0
    cents: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, reply: httpx.Response, total: int) -> None:
        """Count a reply to an order's post."""
        with self._lock:
            if reply.status_code != CREATED:
                self.refused += 1
                return
            self.cents += total
            if "Idempotent-Replayed" in reply.headers:
                self.again += 1
            else:
                self.accepted += 1


def run(stack: Stack) -> None:
    """Replay the year day by day into the stores that `up` opened, then wait for Ctrl-C."""
    place = stack.place
    head_office = Caller(place.http, place.keys["head_office"])
    tally = Tally()
    kind = os.environ.get("ERP") or "simulated"
    stores = [*STORES, examples.ORDER["store"]]
    with (
        printers(stack.root, stores) as paper,
        erp(stack.root, kind) as system,
        chat(stack.root) as service,
        ExitStack() as ends,
    ):
        _explain(stack, paper)
        round_trip(head_office, system, lambda: _show_table(place))
        show_outlet(place, service)
        ends.enter_context(florist(place))
        with ThreadPoolExecutor(len(STORES)) as pool:
            try:
                _replay(place, tally, pool)
            finally:
                _over.set()
        _sum_up(tally, head_office)
        compare_year(head_office, system)
        forecast_year(head_office, f"{place.console}/forecast")
        say("Everything stays up until Ctrl-C.")
        while True:
            time.sleep(3600)


def _show_table(place: Place) -> None:
    """Serve a table of today. Each run has another one."""
    till = Caller(place.http, place.keys["till"])
    with till.http:
        bills = serve_table(partial(insist, till), next(iter(STORES)), f"table-{int(time.time())}")
    amounts = " and ".join(f"{bill['total'] / 100:,.2f} with a tip of {bill['tip'] / 100:,.2f}" for bill in bills)
    say(f"Table 7 of {next(iter(STORES))} has ordered two rounds and split its bill: {amounts} {pizzaplace.CURRENCY}.")
    say(f"Its history is GET /v1/orders/{bills[0]['id']}/changes; its tickets are the first pictures.\n")


def _replay(place: Place, tally: Tally, pool: ThreadPoolExecutor) -> None:
    kitchens = _Kitchens(Caller(place.http, place.keys["head_office"]))
    desks = {store: _Desk(place.http, place.keys, store) for store in STORES}
    with tqdm(total=len(pizzaplace.sales()), unit=" orders", smoothing=0.05, dynamic_ncols=True) as bar:
        for day, sales in groupby(pizzaplace.sales(), key=lambda sale: sale.at.date()):
            bar.set_description(f"{day:%a %d %b %Y}")
            kitchens.set_printing(printing=day.day <= PRINTED_DAYS)
            todays = list(sales)
            by_store = [(desks[s], [x for x in todays if pizzaplace.store_of(x) == s]) for s in STORES]
            list(pool.map(lambda work: work[0].take(work[1], tally, bar), by_store))
            bar.set_postfix_str(f"takings {tally.cents / 100:,.2f} {pizzaplace.CURRENCY}")
    kitchens.set_printing(printing=True)


class _Kitchens:
    """The demo stores' routing; that with which the printers started prints everything."""

    def __init__(self, head_office: Caller) -> None:
        self._head_office = head_office
        self._printing = True

    def set_printing(self, *, printing: bool) -> None:
        if printing != self._printing:
            self._printing = printing
            for store in STORES:
                routing = ROUTING if printing else NO_ROUTING
                insist(self._head_office, f"/v1/printing/stores/{store}/routing", routing, method="PUT")


class _Desk:
    """One store's till and its guests' mini-program, an order after another."""

    def __init__(self, base: str, keys: dict[str, dict[str, str]], store: str) -> None:
        self._store = store
        self._till = Caller(base, keys["till"])
        self._mini_program = Caller(base, keys["mini_program"])

    def take(self, sales: list[Sale], tally: Tally, bar: Any) -> None:
        for sale in sales:
            if _over.is_set():
                return
            tally.add(self.take_one(sale), sale.total)
            bar.update()

    def take_one(self, sale: Sale) -> httpx.Response:
        online = int(sale.number.rpartition("-")[2]) % MINI_PROGRAM_EVERY == 0
        return self._online(sale) if online else self._at_the_till(sale)

    def _at_the_till(self, sale: Sale) -> httpx.Response:
        body = pizzaplace.order_of(sale, self._store)
        return insist(self._till, "/v1/orders", body, sale.number)

    def _online(self, sale: Sale) -> httpx.Response:
        body = pizzaplace.order_of(sale, self._store, kind="mini_program", source="app", pay=False)
        reply = insist(self._mini_program, "/v1/orders", body, sale.number)
        if reply.status_code == CREATED:
            payment = {"reference": f"wallet-{sale.number}", "method": "wallet", "amount": sale.total}
            payment["taken_at"] = body["placed_at"]
            insist(self._mini_program, f"/v1/orders/{reply.json()['id']}/payments", payment, f"pay {sale.number}")
        return reply


def take_sale(place: Place, sale: Sale) -> httpx.Response:
    """One sale, at the till or in the mini-program, into its demo store."""
    desk = _Desk(place.http, place.keys, pizzaplace.store_of(sale))
    return desk.take_one(sale)


# Set when the demo ends: nobody insists any more.
_over = threading.Event()


def insist(caller: Caller, target: str, body: Any, key: str | None = None, method: str = "POST") -> httpx.Response:
    """Send until it is answered: a second try is harmless by the key, or because it is a PUT."""
    for seconds in itertools.chain((0.1, 0.5, 1, 2), itertools.repeat(5, PATIENCE)):
        try:
            reply = caller(method, target, body, key=key)
        except httpx.TransportError:
            _wait(seconds)
            continue
        if not _comes_later(reply):
            return reply
        _wait(float(reply.headers.get("Retry-After", seconds)))
    raise TimeoutError(f"no answer to {target} for minutes")


def _wait(seconds: float) -> None:
    if _over.wait(seconds):
        raise InterruptedError


def _comes_later(reply: httpx.Response) -> bool:
    in_flight = reply.status_code == IN_FLIGHT and "Retry-After" in reply.headers
    return in_flight or reply.status_code in TOO_EARLY


def open_stores(place: Place) -> list[str]:
    """The demo chain's stores, and that of the API document's example, each opened once and for ever; their ids.

    None has opening hours: a visitor tries things out at any hour.
    """
    head_office = Caller(place.http, place.keys["head_office"])
    menu = {**pizzaplace.menu(), "discounts": []}
    menu["items"] = [*menu["items"], TEA]
    with head_office.http:
        for store in STORES:
            _open(head_office, store, {"": pizzaplace.settings_of(store), "/menu": menu})
        _open(head_office, examples.ORDER["store"], {"": examples.STORE, "/menu": examples.MENU})
    return [*STORES, examples.ORDER["store"]]


def _open(head_office: Caller, store: str, documents: dict[str, Any]) -> None:
    if head_office("GET", f"/v1/stores/{store}/menu").status_code == HTTPStatus.OK:
        return  # the menu comes last
    for part, document in documents.items():
        # Another `up` may be opening the same store at this moment.
        insist(head_office, f"/v1/stores/{store}{part}", document, method="PUT").raise_for_status()


def _explain(stack: Stack, paper: Path) -> None:
    place = stack.place
    key, person, manager = place.keys["head_office"], place.people["head_office"], place.people["store_manager"]
    say(f"""
The demo chain "{CHAIN}" has {len(STORES)} stores: {", ".join(STORES)}. Their tills and a mini-program now post a real
pizzeria's year, 21,350 orders of 2015, as signed requests, as fast as this machine takes them.

  Watch it        {place.console}
                  head office      {person["email"]}
                  password         {person["password"]}
                  store manager    {manager["email"]}
                  password         {manager["password"]}
  Tickets         {paper}/<store>/<printer>/00001.png and on:
                  each store has an agent and two printers that draw what they print: the first two days
                  of each month, and whatever you order once the year is over
  Try the API     {place.http}/docs
                  with the key     {key["id"]}
                  and its secret   {key["secret"]}
  Members         there, such as harbour-dinner-classic-00 of {CHAIN}, and segments, such as lapsed; the orders are
                  real, but that three of five are a member's, and whose, is made up
  Queues          ./dumbwaiter queues
  Forecasts       there, once the year is over
  Logs            ./dumbwaiter logs
  Everything else {stack.root / "stack.json"}

Ctrl-C ends it, whoever began it; what was kept stays, and another `make run` posts the year again, which
changes nothing of it.
""")


def _sum_up(tally: Tally, head_office: Caller) -> None:
    counts = f"{tally.accepted:,} orders kept, {tally.again:,} known already, {tally.refused:,} refused"
    say(f"\nThe year is over: {counts}.")
    say(f"Taken: {tally.cents / 100:,.2f} {pizzaplace.CURRENCY}; the data says 817,860.05.")
    reply = head_office("GET", f"/v1/takings?chain={CHAIN}&since=2015-12-31&to=2015-12-31")
    for row in reply.json()["takings"]:
        say(f"  {row['business_day']}  {row['store']:<10} {row['orders']:>4} orders  {row['revenue'] / 100:>10,.2f}")
    _show_member(head_office)


def _show_member(head_office: Caller) -> None:
    """A profile; the last tags may still be on their way."""
    reply = head_office("GET", f"/v1/members/harbour-dinner-classic-00?chain={CHAIN}")
    if reply.status_code == HTTPStatus.OK:
        say("Member harbour-dinner-classic-00, a made-up guest of real orders:")
        for tag in reply.json()["tags"]:
            say(f"  {tag['tag']:<13} {tag['value']:<16} {tag['why']}")
