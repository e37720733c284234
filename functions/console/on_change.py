"""A message of a topic → pages that watch the topic get its head."""

from collections.abc import Sequence

from functions.console.live.heads import AnyChange
from functions.console.live.push import push_messages
from shared.contracts.messages import Message
from shared.spine import entry
from shared.spine.env import Environment


def push_heads(messages: Sequence[Message[AnyChange]], env: Environment) -> None:
    """One look at the watchers for the whole batch."""
    push_messages(messages, env)


handler = entry.batch(AnyChange, push_heads)
