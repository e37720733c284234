"""member.forgotten → deliveries of the member lose names, addresses, texts, tracks, photos and signatures."""

from typing import Any

from functions.delivery.tables.erasure import erase_persons, read_deliveries_of
from functions.delivery.tables.proofs import delete_of_deliveries, read_keys
from shared.contracts.messages import Message
from shared.contracts.messages.delivery import delivery_subject
from shared.contracts.messages.members import MemberForgotten
from shared.spine import entry, log
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
        files = read_keys(transaction, deliveries)
    for key in files:  # before their rows go: a worker that dies here finds them again
        env.aws.put_object(env.settings.proofs_bucket, key, EMPTY)
    with env.db.transaction() as transaction:
        delete_of_deliveries(transaction, deliveries)
        erase_persons(transaction, deliveries, env.clock())
        erase_from_replies(transaction, deliveries, GONE)
        erase_from_messages(transaction, [delivery_subject(one) for one in deliveries], {"$.data.reason": None})
    return len(deliveries)


handler = entry.queue(MemberForgotten, erase_member)
