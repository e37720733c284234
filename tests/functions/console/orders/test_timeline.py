"""Messages become steps by time, with the states that the order went through."""

import json
import random
from datetime import datetime
from typing import Any

from functions.console.orders.timeline import newest_order, states, steps_of


def row(second: int, subject: str, sequence: int, message_type: str, **data: Any) -> dict[str, Any]:
    body = json.dumps({"data": data})
    at = datetime(2026, 3, 1, 12, 0, second)  # noqa: DTZ001 - as the database has it
    return {
        "id": f"{second}{subject}", "subject": subject, "sequence": sequence, "type": message_type,
        "occurred_at": at, "sent_at": None, "body": body,
    }  # fmt: skip


def order(payment: str, fulfilment: str) -> dict[str, Any]:
    return {"payment": payment, "fulfilment": fulfilment}


ROWS = [
    row(1, "order/o", 1, "order.placed", order=order("unpaid", "placed")),
    row(3, "order/o", 2, "order.paid", order=order("paid", "placed"), payment={"amount": 1325, "method": "card"}),
    # The clock of this environment is two seconds behind.
    row(2, "order/o", 3, "order.fulfilment_changed", order=order("paid", "ready"), before="placed", after="ready"),
    row(4, "job/j", 1, "print.job_queued", printer="kitchen", station="hot", order="o", reprint=0, kind="order"),
    row(5, "job/j", 2, "print.job_printed", printer="kitchen", evidence="A", order="o", reprint=0, kind="order"),
]


def test_steps_come_by_time_and_stay_in_the_sequence_of_their_subject() -> None:
    for seed in range(5):
        rows = sorted(
            random.Random(seed).sample(ROWS, len(ROWS)), key=lambda found: (found["subject"], found["sequence"])
        )
        assert [step.type for step in steps_of(rows)] == [found["type"] for found in ROWS]


def test_a_step_has_the_facts_that_a_person_reads() -> None:
    steps = steps_of(ROWS)
    assert [step.kind for step in steps] == ["order", "order", "order", "print", "print"]
    assert steps[1].facts == {"amount": 1325, "method": "card", "payment": "paid", "fulfilment": "placed"}
    assert steps[2].facts == {"before": "placed", "after": "ready", "payment": "paid", "fulfilment": "ready"}
    assert steps[4].facts == {"kind": "order", "printer": "kitchen", "reprint": 0, "evidence": "A"}


def test_states_are_those_of_the_messages_in_their_sequence() -> None:
    steps = steps_of(ROWS)
    assert [(state, at.second) for state, at in states(steps, "payment")] == [("unpaid", 1), ("paid", 3)]
    assert [(state, at.second) for state, at in states(steps, "fulfilment")] == [("placed", 1), ("ready", 2)]
    assert newest_order(steps) == order("paid", "ready")
    assert newest_order([]) is None
