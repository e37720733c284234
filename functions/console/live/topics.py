"""The topics that a page can watch: the messages of each, and the right that a watcher needs."""

from collections import defaultdict
from typing import NamedTuple


class Topic(NamedTuple):
    """Messages that a page with this right hears under one name. A name may have several rows with different rights."""

    name: str
    right: str
    types: tuple[str, ...]


_TIMER_TYPES = ("timer.changed", "timer.late", "timer.hanging", "timer.failing", "timer.recovered")
# A concern adds its messages by one row here and by their types in functions.yml.
TOPICS = (
    Topic("orders", "orders:read", ("order.placed", "order.paid", "order.payment_taken", "order.refunded")),
    Topic("orders", "orders:read", ("order.cancelled", "order.fulfilment_changed", "order.differs")),
    Topic("takings", "takings:read", ("order.paid", "order.payment_taken", "order.refunded")),
    Topic("days", "days:read", ("day.closed",)),
    Topic("fleet", "printing:read", ("printing.printer_changed", "printing.needs_person", "print.job_resolved")),
    Topic("fleet", "printing:read", ("printing.agent_online", "printing.agent_offline", "printing.agent_copied")),
    Topic("alerts", "printing:read", ("printing.printer_changed", "printing.needs_person", "print.job_resolved")),
    Topic("alerts", "printing:read", ("printing.agent_online", "printing.agent_offline", "printing.agent_copied")),
    Topic("alerts", "orders:read", ("order.differs",)),
    Topic("alerts", "days:read", ("day.closed",)),
    Topic("alerts", "sync:read", ("sync.system_failing", "sync.system_recovered", "sync.difference_found")),
    # Answers and states of every order would ask the page to look all the time: it looks once a minute anyway.
    Topic("alerts", "outlets:read", ("outlet.escalated", "outlet.robot_failing", "outlet.robot_recovered")),
    Topic("forecast", "forecast:read", ("forecast.ready",)),
    Topic("delivery", "delivery:read", ("delivery.created", "delivery.changed", "delivery.message_posted")),
    # Packers and couriers hear of the deliveries of their stores: the head of a change says nothing about a person.
    Topic("delivery", "delivery:pack", ("delivery.created", "delivery.changed", "delivery.message_posted")),
    Topic("delivery", "delivery:carry", ("delivery.created", "delivery.changed", "delivery.message_posted")),
    Topic("outlets", "outlets:read", ("outlet.notice_changed", "outlet.order_answered", "outlet.escalated")),
    Topic("outlets", "outlets:read", ("outlet.robot_failing", "outlet.robot_recovered")),
    Topic("timers", "timers:read", _TIMER_TYPES),
    Topic("alerts", "timers:read", _TIMER_TYPES),
    Topic("jobs", "jobs:read", ("job.changed", "announcement.published")),
    Topic("announcements", "console:read", ("announcement.published",)),
)

# Messages about the whole stage name no chain: each page with the right somewhere in its chain hears them.
STAGE_TYPES = frozenset(_TIMER_TYPES)
# Messages of a chain that name no store and concern each: the right anywhere in the chain is enough to hear them.
EACH_STORE_TYPES = frozenset({"announcement.published", "job.changed"})
NAMES = frozenset(topic.name for topic in TOPICS)


def _by_type() -> dict[str, tuple[tuple[str, str], ...]]:
    by_type: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for topic in TOPICS:
        for message_type in topic.types:
            by_type[message_type].append((topic.name, topic.right))
    return {message_type: tuple(pairs) for message_type, pairs in by_type.items()}


# (topic, right) pairs by the type of a message.
BY_TYPE = _by_type()


def rights_of(name: str) -> tuple[str, ...]:
    """The rights of which a watcher of the topic needs at least one, sorted."""
    return tuple(sorted({topic.right for topic in TOPICS if topic.name == name}))
