"""The simulated K3Cloud is fair: over 20 seeds a plain client of the official SDK audits each bill once."""

import contextlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.simulators import faults
from tests.simulators.faults import BEFORE, OF_BATCHES, Seeded
from tests.simulators.kingdee import K3Cloud
from tests.simulators.test_kingdee import add_base, outstock
from tests.support.kingdee_sdk import answered, official_client

NUMBERS = [f"N{place}" for place in range(8)]
MOST_ROUNDS = 500
AFTER = tuple(kind for kind in faults.AFTER if kind != "slow")
NEXT_STEP = {"A": "Submit", "D": "Submit", "B": "Audit"}


@pytest.fixture
def k3() -> Iterator[K3Cloud]:
    with K3Cloud() as k3:
        add_base(k3)
        yield k3


def statuses(sdk: Any) -> dict[str, str] | None:
    """Number → status of the bills; None where the answer is no list of rows."""
    where = f"FBillNo in ({', '.join(repr(number) for number in NUMBERS)})"
    search = {"FormId": "SAL_OUTSTOCK", "FieldKeys": "FBillNo,FDocumentStatus", "FilterString": where}
    rows = answered(sdk.ExecuteBillQuery(search))
    return None if rows and isinstance(rows[0][0], dict) else dict(rows)


def advance(sdk: Any, found: dict[str, str]) -> None:
    """Save the missing bills, and bring each other one a step further."""
    missing = [outstock(number) for number in NUMBERS if number not in found]
    if missing:
        sdk.BatchSave("SAL_OUTSTOCK", {"Model": missing})
        return
    for status, step in NEXT_STEP.items():
        numbers = [number for number in found if found[number] == status]
        if numbers:
            getattr(sdk, step)("SAL_OUTSTOCK", {"Numbers": numbers})


@pytest.mark.parametrize("seed", range(20))
def test_a_client_that_asks_for_the_state_first_audits_each_bill_once(k3: K3Cloud, seed: int) -> None:
    plan = Seeded(seed, 0.3, (*BEFORE, *AFTER, *OF_BATCHES))
    k3.fail(plan)
    for _ in range(MOST_ROUNDS):
        # The SDK raises these for lost connections, other statuses, and answers that are no JSON.
        with contextlib.suppress(OSError, RuntimeError, json.JSONDecodeError):
            sdk = official_client(k3.server, k3.tenant)  # without the session that may be lost
            found = statuses(sdk)
            if found is not None and list(found.values()) == ["C"] * len(NUMBERS):
                break
            if found is not None:
                advance(sdk, found)
    assert k3.books.statuses("SAL_OUTSTOCK") == dict.fromkeys(NUMBERS, "C")
    [total] = k3.books.totals("SAL_OUTSTOCK").values()
    assert (total.documents, total.gross) == (8, Decimal("169.60"))  # 8 × 2 × 10.60
    assert k3.books.stock["S1", "P1"] == -16
    assert plan.met, "a seed without faults shows nothing"
