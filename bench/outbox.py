"""The sweeper against bare batch publishing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from bench.figures import Figure, at_least, exactly, seconds
from bench.rig import Rig
from demo import pizzaplace
from shared.spine.batches import BATCH
from shared.spine.env import Environment

ROUNDS = 6
# Announced twice each: placed and paid.
ORDERS_A_ROUND = 500

Entry = tuple[str, str, str]


def bench(rig_of: Callable[[], Rig], topic: str) -> Iterator[Figure]:
    """Rounds of the same number of messages, swept and bare, in turn."""
    rig = rig_of()
    rig.open_stores()
    sweeper = Environment(replace(rig.settings, events_topic=topic))
    swept, bare = [], []
    for number in range(ROUNDS):
        rig.take(rig.posts(pizzaplace.sales()[number * ORDERS_A_ROUND : (number + 1) * ORDERS_A_ROUND]))
        entries = _unsent(rig)
        swept.append(len(entries) / seconds(sweeper.outbox.send_due, sweeper.clock() + timedelta(minutes=5)))
        bare.append(len(entries) / seconds(_publish, sweeper, topic, entries))
    # The first round warms up.
    yield at_least("outbox.sweep", "messages/s", swept[1:], bare[1:], 0.7)
    yield exactly("outbox.left", sweeper.outbox.unsent()[0], "messages", 0)
    sweeper.close()


def _unsent(rig: Rig) -> list[Entry]:
    with rig.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT id, type, body FROM messages WHERE sent_at IS NULL ORDER BY id")
    return [(row["id"], row["type"], row["body"]) for row in rows]


def _publish(env: Environment, topic: str, entries: list[Entry]) -> None:
    for start in range(0, len(entries), BATCH):
        env.aws.publish(topic, entries[start : start + BATCH])
