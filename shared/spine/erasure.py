"""A person's erasure from the tables of all concerns: stored replies to requests, and the record of messages."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from shared.spine.db import Transaction

# `{parts}`: a path and its new value for each member to replace; a member that is not there is not made.
ERASE_REPLIES = "UPDATE idempotency_keys SET reply = JSON_REPLACE(reply, {parts}) WHERE reply_of IN %s AND reply <> ''"
ERASE_MESSAGES = "UPDATE messages SET body = JSON_REPLACE(body, {parts}) WHERE subject IN %s"
_PART = "%s, JSON_EXTRACT(%s, '$')"


def erase_from_replies(transaction: Transaction, subjects: Collection[str], parts: Mapping[str, Any]) -> None:
    """Replace fields (JSON path → value) of the stored replies with these subjects: `StoredReply.subject`."""
    _erase(transaction, ERASE_REPLIES, subjects, parts)


def erase_from_messages(transaction: Transaction, subjects: Collection[str], parts: Mapping[str, Any]) -> None:
    """Replace members (JSON path → value) of all messages of these subjects, also of those that are still to leave."""
    _erase(transaction, ERASE_MESSAGES, subjects, parts)


def _erase(transaction: Transaction, statement: str, subjects: Collection[str], parts: Mapping[str, Any]) -> None:
    if not subjects:
        return
    values = [text for path, value in parts.items() for text in (path, json.dumps(value))]
    transaction.execute(statement.format(parts=", ".join([_PART] * len(parts))), (*values, tuple(subjects)))
