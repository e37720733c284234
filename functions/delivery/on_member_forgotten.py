"""member.forgotten → deliveries of the member lose names, addresses, texts, tracks, photos and signatures."""

from collections.abc import Mapping
from typing import Any

from functions.delivery.inbox.recipients import courier_inbox, customer_inbox, desk_inbox, packer_inbox
from functions.delivery.tables.erasure import erase_persons, read_deliveries_of
from functions.delivery.tables.inbox import erase_texts
from functions.delivery.tables.proofs import delete_of_deliveries, read_keys
from shared.contracts.messages import Message
from shared.contracts.messages.delivery import delivery_subject
from shared.contracts.messages.members import MemberForgotten
from shared.spine import entry, log
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.erasure import erase_from_messages, erase_from_replies

AT_ONCE = 100
# The same key replaces a file. The bucket deletes it by its age.
EMPTY = b""
GONE: dict[str, Any] = {
    "$.details": {},
    "$.lines": [],
    "$.feedback": None,
    "$.proof.failed": "",
    "$.proof.cancelled": "",
    "$.values.text": "",
}


def erase_member(message: Message[MemberForgotten], env: Environment) -> None:
    """A batch in each transaction; an erased delivery is not selected again."""
    erased = 0
    while count := _erase_batch(env, message.data):
        erased += count
    log.logger().info("deliveries of a forgotten member", extra={"erased": erased})


def _erase_batch(env: Environment, forgotten: MemberForgotten) -> int:
    with env.db.transaction() as transaction:
        deliveries = read_deliveries_of(transaction, forgotten.chain, forgotten.external_ids, AT_ONCE)
        files = read_keys(transaction, list(deliveries))
    for key in files:  # before their rows go: a worker that dies here finds them again
        env.aws.put_object(env.settings.proofs_bucket, key, EMPTY)
    with env.db.transaction() as transaction:
        delete_of_deliveries(transaction, list(deliveries))
        _erase_texts(transaction, forgotten.chain, deliveries)
        erase_persons(transaction, list(deliveries), env.clock())
        erase_from_replies(transaction, deliveries, GONE)
        erase_from_messages(
            transaction, [delivery_subject(delivery) for delivery in deliveries], {"$.data.reason": None}
        )
    return len(deliveries)


def _erase_texts(transaction: Transaction, chain: str, deliveries: Mapping[str, str]) -> None:
    """A conversation is in the inboxes of its parties, also in those of couriers who had the delivery before."""
    inboxes = {inbox(store) for store in deliveries.values() for inbox in (desk_inbox, packer_inbox)}
    inboxes.update(map(customer_inbox, deliveries))
    first = courier_inbox(chain, "")
    last = first[:-1] + chr(ord(first[-1]) + 1)
    erase_texts(transaction, [f"delivery/{delivery}" for delivery in deliveries], sorted(inboxes), (first, last))


handler = entry.queue(MemberForgotten, erase_member)
