"""The simulated ERP's stock and totals against plain arithmetic, over random documents; and many writers at once."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulators.erp import Erp
from tests.simulators.erp_books import Books
from tests.simulators.test_erp import BASE, Client, sale

STORES = ("S1", "S2")
quantities = st.integers(0, 50_000).map(lambda thousandths: f"{thousandths / 1000:.3f}")
documents = st.tuples(
    st.sampled_from(["consumption", "wastage", "receipt", "transfer", "count", "cancel"]),
    st.sampled_from(STORES),
    st.sampled_from(["PC", "CASE"]),
    quantities,
    st.integers(0, 20),
)


def filled() -> Books:
    books = Books()
    for kind, names in BASE["codes"].items():
        books.add_codes(kind, names)
    books.put("items", BASE["items"])
    books.add_conversion("P1", "CASE", "12")
    return books


@settings(deadline=None, max_examples=60)
@given(st.lists(documents, max_size=12))
def test_stock_is_what_the_documents_that_were_not_cancelled_did(steps: list[tuple[str, str, str, str, int]]) -> None:
    stock: dict[str, Fraction] = defaultdict(Fraction)
    done: list[tuple[int, dict[str, Fraction]]] = []
    with closing(filled()) as books:
        for kind, store, unit, quantity, choice in steps:
            if kind == "cancel":
                if done:
                    number, effects = done.pop(choice % len(done))
                    books.cancel(number)
                    books.cancel(number)  # twice is as once
                    for place, amount in effects.items():
                        stock[place] -= amount
                continue
            pieces = Fraction(quantity) * (12 if unit == "CASE" else 1)
            other = STORES[1 - STORES.index(store)]
            effects = {
                "consumption": {store: -pieces},
                "wastage": {store: -pieces},
                "receipt": {store: pieces},
                "transfer": {store: -pieces, other: pieces},
                "count": {store: pieces - stock[store]},
            }[kind]
            line = {"type": "item", "item": "P1", "quantity": quantity, "unit": unit}
            document: dict[str, Any] = {"key": "k", "kind": kind, "store": store, "day": "2026-11-30", "lines": [line]}
            done.append((books.post(document | {"to_store": other}), effects))
            for place, amount in effects.items():
                stock[place] += amount
        assert {place: Fraction(books.stock(place, "P1")) for place in STORES} == {
            place: stock[place] for place in STORES
        }


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(STORES), st.integers(1, 3), st.integers(-10_000, 10_000)), max_size=30))
def test_totals_are_the_sums_of_the_cents(sales: list[tuple[str, int, int]]) -> None:
    cents: dict[tuple[str, str], int] = defaultdict(int)
    with closing(filled()) as books:
        for store, day, net in sales:
            amounts = {"net": f"{net / 100:.2f}", "tax": "0.01", "gross": f"{(net + 1) / 100:.2f}"}
            books.post({"key": "k", "kind": "sale", "store": store, "day": f"2026-11-0{day}", "lines": []} | amounts)
            cents[store, f"2026-11-0{day}"] += net + 1
        found = {(store, day): total.gross * 100 for (store, day, _), total in books.totals("sale").items()}
    assert found == cents


def test_writers_at_the_same_time_lose_nothing_and_are_counted() -> None:
    with Erp() as erp:
        erp.base(BASE)
        clients = [Client(erp) for _ in range(6)]

        def post(number: int) -> None:
            for part in range(5):
                clients[number].post(*(sale(f"{number}-{part}-{place}") for place in range(20)))

        with ThreadPoolExecutor(len(clients)) as pool:
            list(pool.map(post, range(len(clients))))
        for client in clients:
            client.http.close()
        assert len(erp.books.copies("sale")) == 600
        assert set(erp.books.copies("sale").values()) == {1}
        assert erp.most_writers > 1
