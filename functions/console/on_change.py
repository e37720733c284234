"""A message of a topic → its alert is opened or ended, and pages that watch the topic get its head."""

from collections.abc import Sequence

from functions.console.alerts.kinds import Opening, opening_of
from functions.console.live.heads import AnyChange, Change, change_of
from functions.console.live.push import push_messages
from functions.console.tables.alerts import AlertRow, upsert_alert
from shared.contracts.messages import Message
from shared.spine import entry
from shared.spine.env import Environment


def note_changes(messages: Sequence[Message[AnyChange]], env: Environment) -> None:
    """One look at the watchers for the whole batch. Most messages are about no alert."""
    openings = [
        (message, change, opening)
        for message in messages
        if (opening := opening_of(message)) and (change := change_of(message))
    ]
    if openings:
        with env.db.statements() as statements:
            for message, change, opening in openings:
                row = _row(message, change, opening)
                upsert_alert(statements, row, message.sequence, ended=opening.facts is None)
    push_messages(messages, env)


def _row(message: Message[AnyChange], change: Change, opening: Opening) -> AlertRow:
    store, facts = change.store_key or None, opening.facts or {}
    return AlertRow(message.id, change.chain, store, opening.kind.name, message.subject, message.time, facts)


handler = entry.batch(AnyChange, note_changes)
