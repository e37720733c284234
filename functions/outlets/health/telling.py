"""Alerts and recoveries → one message for each operations chat, throttled and grouped."""

from collections import defaultdict
from datetime import datetime, timedelta

from functions.outlets.channels.contract import Card
from functions.outlets.queueing.targets import ALERT, TALK
from functions.outlets.tables.alerts import Alert, lock_untold, read_untold_chains, update_told
from functions.outlets.tables.messages import ChatMessage, insert_messages
from functions.outlets.tables.people import Person, read_on_call
from functions.outlets.text.cards import stored_card
from functions.outlets.text.words import say
from shared.contracts.ids import derived_id, first_id, new_id
from shared.kit.isolation import Isolation
from shared.spine.db import Transaction
from shared.spine.env import Environment

# A chat hears of one group in this time at the most. Alerts that end within it are not told.
GROUPED_SECONDS = 60
MOST_LINES = 20
# What no operations chat took is told again after this time.
TOLD_AGAIN = timedelta(minutes=5)


def tell_alerts(env: Environment) -> None:
    """Queue what the operations chats have not heard."""
    with env.db.transaction() as transaction:
        chains = read_untold_chains(transaction, first_id(env.clock() - TOLD_AGAIN))
    with Isolation() as isolation:
        for chain in chains:
            with isolation.isolate(chain), env.db.transaction() as transaction:
                _tell_chain(transaction, chain, env.clock())


def _tell_chain(transaction: Transaction, chain: str, now: datetime) -> None:
    """One message a minute: its id is that of the minute, so that a second one is the same message."""
    alerts = lock_untold(transaction, chain, first_id(now - TOLD_AGAIN))
    people = read_on_call(transaction, chain, "", ("operations",), now.date())
    if not alerts or not people:
        return
    period = now - timedelta(seconds=now.timestamp() % GROUPED_SECONDS)
    source = derived_id(period, "alert", chain)
    messages = [_message(chain, source, person, place, alerts, now) for place, person in enumerate(people)]
    if insert_messages(transaction, messages):
        told: dict[str, list[str]] = defaultdict(list)
        for alert in alerts:
            told[alert.kind].append(alert.subject)
        for kind, subjects in told.items():
            update_told(transaction, chain, kind, subjects, source)


def _message(chain: str, source: str, person: Person, place: int, alerts: list[Alert], now: datetime) -> ChatMessage:
    return ChatMessage(
        id=new_id(now),
        chain=chain,
        store=person.store or f"{chain}:",
        kind=ALERT,
        source=source,
        step=0,
        place=place,
        robot=person.robot,
        address=person.address,
        language="en",
        due_at=now,
        priority=TALK,
        card=stored_card(Card(_text(alerts))),
    )


def _text(alerts: list[Alert]) -> str:
    lines = [_line(alert) for alert in alerts[:MOST_LINES]]
    more = len(alerts) - MOST_LINES
    return "\n".join(lines if more <= 0 else [*lines, f"… and {more} more"])


def _line(alert: Alert) -> str:
    ended = alert.ended_at is not None
    moment = alert.ended_at or alert.began_at
    what = f"{alert.kind} {alert.subject}" if ended else f"{alert.kind} {alert.subject}: {alert.detail}"
    return say("en", "alert.ended" if ended else "alert.begun", time=f"{moment:%H:%M} UTC", what=what)
