"""GET /v1/inbox/unread: what the service desk of a store, or of several stores, has not read."""

from datetime import timedelta

from functions.delivery.inbox.recipients import desk_inbox
from functions.delivery.resources.access import MANAGE, store_scope
from functions.delivery.resources.inbox import NumberedMessage, numbered
from functions.delivery.tables import inbox as tables
from functions.delivery.tables.stores import read_reached
from shared.contracts.ids import split_key
from shared.contracts.models import Output, Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

MOST_STORES = 200
MOST_CONVERSATIONS = 200
# The parties speak until a day after the end of a delivery. Older ones need nobody.
RECENT = timedelta(days=7)


class UnreadQuery(Query):
    """A store of a chain, or all its stores."""

    chain: Id
    store: Id | None = None


class UnreadConversation(Output):
    """A conversation about a delivery of a store: how many messages are unread, and the newest of them."""

    store: str
    delivery: str
    conversation: str
    unread: int
    last: NumberedMessage


class UnreadConversations(Output):
    """Unread chats and notices of the last seven days, the newest first, at most 200 conversations.

    `stores_left_out` counts the stores beyond the first 200: ask for each of them by `store`.
    """

    conversations: list[UnreadConversation]
    stores_left_out: int


def get_unread(call: Call, query: UnreadQuery) -> Reply:
    """List what the desk has not read, over the stores in which the caller is the desk."""
    with call.env.db.snapshot() as transaction:
        stores = _stores(call, transaction, query)
        inboxes = {desk_inbox(store): store for store in stores[:MOST_STORES]}
        since = call.env.clock() - RECENT
        found = tables.read_unread(transaction, list(inboxes), since, MOST_CONVERSATIONS)
        bodies = tables.read_bodies_of(transaction, [(one.recipient, one.last_seq) for one in found])
    documents = [
        UnreadConversation(
            store=split_key(inboxes[one.recipient])[1],
            delivery=one.conversation.partition("/")[2],
            conversation=one.conversation,
            unread=one.unread,
            last=numbered(one.last_seq, bodies[one.recipient, one.last_seq]),
        )
        for one in found
    ]
    left_out = max(len(stores) - MOST_STORES, 0)
    return Reply(UnreadConversations(conversations=documents, stores_left_out=left_out))


def _stores(call: Call, transaction: Transaction, query: UnreadQuery) -> list[str]:
    """Keys of the stores; without a named one, of all within the caller's reach whose desk has ever had a message."""
    if query.store:
        return [store_scope(call, transaction, MANAGE, query.chain, query.store).key]
    reach = call.client.reach(MANAGE).within(query.chain)
    if not reach.all_chains:
        call.client.require(MANAGE, Scope(query.chain))
    stores = read_reached(transaction, reach)
    heads = tables.read_heads(transaction, [desk_inbox(store) for store in stores]) if stores else {}
    return [store for store in stores if desk_inbox(store) in heads]
