"""Messages: CloudEvents that old and new consumers read."""

import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.contracts import messages
from shared.contracts.messages import Message, MessageData, read_message, schema_of
from shared.contracts.messages.orders import (
    OrderCancelled,
    OrderDiffers,
    OrderPaid,
    OrderPaymentTaken,
    OrderPlaced,
    OrderRefunded,
)
from shared.spine.errors import Rejected

SAMPLE: dict[str, Any] = json.loads(
    json.loads(Path("events/console/on_order_paid.json").read_text(encoding="utf-8"))["Records"][0]["body"]
)
TYPES = {
    "order.placed", "order.paid", "order.payment_taken", "order.differs", "order.cancelled", "order.refunded",
    "order.fulfilment_changed", "order.changed", "order.closed", "order.reopened",
    "day.closed", "store.changed", "menu.changed",
    "order.metadata_changed", "webhook.disabled", "webhook.tested",
    "webhook.redelivery_requested", "print.order_planned",
    "print.job_queued", "print.job_printed", "print.job_failed", "print.job_unknown",
    "print.job_expired", "print.job_cancelled", "print.job_resolved", "printing.needs_person",
    "printing.agent_online", "printing.agent_offline", "printing.agent_copied", "printing.printer_changed",
    "member.purchased", "member.tag_changed", "member.merged", "member.forgotten",
    "forecast.training_due", "forecast.trained", "forecast.ready", "forecast.drifted",
    "announcement.published", "job.changed", "job.items_due", "job.plan_due",
    "sale.placed", "sale.refused", "sync.sale_pulled", "sync.file_dropped",
    "delivery.created", "delivery.changed", "delivery.courier_near", "delivery.message_posted",
    "sync.difference_found", "sync.items_pulled", "sync.run_unfinished", "sync.stock_pulled",
    "sync.store_items_pulled",
    "sync.system_failing", "sync.system_recovered",
    "outlet.change_confirmed", "outlet.escalated", "outlet.notice_changed", "outlet.order_answered",
    "outlet.pause_changed", "outlet.robot_failing", "outlet.robot_recovered",
    "stock.cancelled", "stock.recorded",
    "timer.changed", "timer.failing", "timer.hanging", "timer.late",
    "timer.recovered",
}  # fmt: skip


def read(document: Any) -> Message[OrderPaid]:
    return read_message(json.dumps(document), OrderPaid)


def test_a_message_is_read_with_its_data() -> None:
    message = read(SAMPLE)
    assert (message.type, message.sequence, message.store) == ("order.paid", 2, "harbour")
    assert message.subject == f"order/{message.data.order.id}"
    assert message.data.order.lines[0].unit_price == 1325
    assert message.time.isoformat() == "2026-11-21T12:30:05+00:00"


def test_what_next_year_adds_is_passed_over() -> None:
    newer = json.loads(json.dumps(SAMPLE)) | {"traceparent": "x"}
    newer["data"]["order"]["lines"][0]["allergens"] = ["gluten"]
    newer["data"]["why"] = "new"
    assert read(newer) == read(SAMPLE)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"specversion": "0.3"}, "specversion"),
        ({"id": "1"}, "id"),
        ({"sequence": 0}, "sequence"),
        ({"time": "noon"}, "time"),
        ({"subject": None}, "subject"),
        ({"datacontenttype": "text/xml"}, "datacontenttype"),
        ({"data": {}}, "order"),
        ({"data": {"order": SAMPLE["data"]["order"] | {"total": -1}}}, "order.total"),
        ({"data": {"order": SAMPLE["data"]["order"] | {"payment": "owed"}}}, "order.payment"),
    ],
)
def test_what_is_no_message_of_its_kind_is_rejected_with_the_place(change: dict[str, Any], where: str) -> None:
    with pytest.raises(Rejected) as refused:
        read(SAMPLE | change)
    assert refused.value.code == "message_malformed"
    assert f"at {where}:" in refused.value.detail
    assert "Hawaiian" not in refused.value.detail


@given(
    some.text()
    | some.recursive(some.none() | some.integers(), lambda x: some.lists(x) | some.dictionaries(some.text(), x)).map(
        json.dumps
    )
)
def test_anything_in_a_queue_is_read_or_rejected(body: str) -> None:
    with pytest.raises(Rejected):
        read_message(body, OrderPaid)


@pytest.mark.parametrize("kind", [OrderPlaced, OrderDiffers, OrderPaymentTaken, OrderCancelled, OrderRefunded])
def test_one_kind_is_not_read_as_another(kind: type[MessageData]) -> None:
    with pytest.raises(Rejected, match="message_misled"):
        read_message(json.dumps(SAMPLE), kind)


def test_every_type_is_named_once_and_its_data_survives_the_way() -> None:
    concerns = [import_module(f"shared.contracts.messages.{found.name}") for found in iter_modules(messages.__path__)]
    kinds = [
        kind for concern in concerns for kind in vars(concern).values()
        if isinstance(kind, type) and issubclass(kind, MessageData) and hasattr(kind, "type")
    ]  # fmt: skip
    assert sorted(kind.type for kind in kinds) == sorted(TYPES)
    assert schema_of("order.paid") == "urn:dumbwaiter:message:order.paid:1"
    order = read(SAMPLE).data.order
    again = OrderPaid.model_validate_json(OrderPaid(order=order).model_dump_json())
    assert again.order == order
