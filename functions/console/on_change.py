"""A message of a topic → its alert is opened or ended, and pages that watch the topic get its head."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from functions.console.alerts.kinds import NOTICE_ENDS, Opening, opening_of
from functions.console.live.heads import AnyChange, Change, change_of
from functions.console.live.push import push_messages
from functions.console.tables.alerts import AlertRow, end_alerts, read_ended_notices, upsert_alert
from shared.contracts.messages import Message
from shared.spine import entry
from shared.spine.db import Transaction
from shared.spine.env import Environment

Found = tuple[Message[AnyChange], Change, Opening]


def note_changes(messages: Sequence[Message[AnyChange]], env: Environment) -> None:
    """One look at the watchers for the whole batch. Most messages are about no alert."""
    openings = [
        (message, change, opening)
        for message in messages
        if (opening := opening_of(message)) and (change := change_of(message))
    ]
    if openings:
        with env.db.statements() as statements:
            over = _ended_notices(statements, openings)
            for message, change, opening in openings:
                if not opening.kind.once:
                    row = _row(message, change, opening)
                    upsert_alert(statements, row, message.sequence, ended=opening.facts is None)
                elif opening.facts is not None and opening.facts["notice"] not in over:
                    upsert_alert(statements, _row(message, change, opening), message.sequence, ended=False)
            _end(statements, openings, env.clock())
    push_messages(messages, env)


def _ended_notices(statements: Transaction, openings: Sequence[Found]) -> set[str]:
    """Of the notices that were escalated, those that are over. An answer that comes later ends its alert itself."""
    escalated = {opening.facts["notice"] for _, _, opening in openings if opening.kind.once and opening.facts}
    return read_ended_notices(statements, escalated, NOTICE_ENDS)


def _end(statements: Transaction, openings: Sequence[Found], now: datetime) -> None:
    """End the alerts that open and end once: a statement for a chain and a kind."""
    ended: dict[tuple[str, str], set[str]] = defaultdict(set)
    for message, change, opening in openings:
        if opening.kind.once and opening.facts is None:
            ended[change.chain, opening.kind.name].add(message.subject)
    for (chain, kind), subjects in ended.items():
        end_alerts(statements, chain, kind, sorted(subjects), now)


def _row(message: Message[AnyChange], change: Change, opening: Opening) -> AlertRow:
    store, facts = change.store_key or None, opening.facts or {}
    return AlertRow(message.id, change.chain, store, opening.kind.name, message.subject, message.time, facts)


handler = entry.batch(AnyChange, note_changes)
