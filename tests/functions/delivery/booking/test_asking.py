"""Fleets are asked chain by chain: a fault of one chain, or of one store, is not the others'."""

from datetime import timedelta

import pytest

from functions.delivery.booking import asking
from functions.delivery.tables.stores import StoreHome, StoreSettings, read_home, read_with_fleet
from shared.spine.db import Transaction
from tests.support.fleets import FleetWorld


def test_a_chain_that_fails_stops_no_other(uber: FleetWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery, asked = uber.place(), []
    real = asking._ask_for_chain

    def failing(env: object, stores: list[StoreSettings]) -> int:
        asked.append(stores[0].chain)
        if stores[0].chain != "demo":
            raise RuntimeError("this chain is broken")
        return real(env, stores)  # type: ignore[arg-type]

    broken = [StoreSettings(f"{chain}:s1") for chain in ("aaa", "zzz")]
    with_fleet = read_with_fleet
    monkeypatch.setattr(asking, "read_with_fleet", lambda transaction: [*broken, *with_fleet(transaction)])
    monkeypatch.setattr(asking, "_ask_for_chain", failing)
    with pytest.raises(RuntimeError):
        asking.ask_fleets(uber.env, uber.now() + timedelta(seconds=30))
    assert sorted(asked) == ["aaa", "demo", "zzz"]
    assert len(uber.bookings(delivery)) == 1


def test_a_store_that_is_not_published_asks_none_and_stops_no_other(
    uber: FleetWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = uber.place()

    def unknown(transaction: Transaction, stores: list[str]) -> dict[str, StoreHome]:
        return {} if stores else read_home(transaction, stores)

    with monkeypatch.context() as patch:
        patch.setattr(asking, "read_home", unknown)
        assert asking.ask_fleets(uber.env, uber.now() + timedelta(seconds=30)) == 0
    assert asking.ask_fleets(uber.env, uber.now() + timedelta(seconds=30)) == 1
    assert len(uber.bookings(delivery)) == 1
