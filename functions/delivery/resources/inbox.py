"""GET /v1/inbox and its snapshot, PUT /v1/inbox/read, and messages about a delivery."""

import json
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.delivery.creation.announcing import announce_posted
from functions.delivery.inbox.envelope import Envelope, Kind, Sender
from functions.delivery.inbox.posting import mark_read, post
from functions.delivery.inbox.recipients import (
    MAY_WRITE_TO,
    Party,
    conversation_of,
    courier_inbox,
    desk_inbox,
    inboxes_of,
    packer_inbox,
)
from functions.delivery.life.delivery import Delivery
from functions.delivery.resources.access import (
    CARRY,
    MANAGE,
    PACK,
    Caller,
    DeliveryPath,
    caller_of,
    store_scope,
    unknown_delivery,
)
from functions.delivery.states import Role
from functions.delivery.tables import inbox as tables
from functions.delivery.tables.couriers import read_courier_of
from functions.delivery.tables.deliveries import lock_delivery, read_delivery
from functions.delivery.tables.devices import update_known
from functions.delivery.tables.inbox import Head
from shared.contracts.ids import new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.kit.revision import reply_unless_current
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

CONVERSATIONS = 200
LAST = 200
MOST_TO_READ = 1_000
# The parties may still speak about a delivery for so long after its end.
OPEN_AFTER_END = timedelta(days=1)
MOST_FROM_CUSTOMER = 100
Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000, strip_whitespace=True)]
Staff = Literal["desk", "packer", "courier"]
RIGHTS = {"desk": MANAGE, "packer": PACK}
ROLES = {"desk": Role.DESK, "packer": Role.PACKER, "courier": Role.COURIER}


class InboxQuery(Query):
    """An inbox: of the desk or the packers of a store, or of the courier who asks. `after` is the last number had."""

    party: Staff
    chain: Id | None = None
    store: Id | None = None
    after: int = Field(default=0, ge=0)
    limit: int = Field(default=200, ge=1, le=500)


class NumberedMessage(Envelope):
    """A message with its number in this inbox."""

    seq: int


class InboxPage(Output):
    """Messages in their order, without gaps. `next` is the number to ask from. `head` is the newest number."""

    messages: list[NumberedMessage]
    next: int
    head: int
    oldest: int


class ConversationDocument(Output):
    """A conversation, its last message, how far it was read, and how many messages are unread.

    `to_read` has the numbers of the unread ones that a person should read: chats and notices, no steps. A client counts
    those that are greater than the last one that was read.
    """

    conversation: str
    last: NumberedMessage | None
    read_to: int
    unread: int
    to_read: list[int] = []


class InboxSnapshot(Output):
    """An inbox as it stands at `head`, for a client that was away for longer than messages are kept."""

    head: int
    conversations: list[ConversationDocument]


class MessagesQuery(Query):
    """The party as which the caller reads."""

    party: Staff


class ConversationPage(Output):
    """The last messages of a conversation, in their order."""

    messages: list[NumberedMessage]


class MessageIn(Input):
    """A message. `id` is the device's own: the same message may be sent again. `to` are those who get it."""

    id: Id
    party: Staff
    to: Annotated[list[Party], Field(min_length=1, max_length=4)]
    text: Text


class ReadIn(Input):
    """The number of the last message of a conversation that was read."""

    party: Staff
    chain: Id | None = None
    store: Id | None = None
    conversation: Annotated[str, StringConstraints(pattern=r"^delivery/[0-9A-Z]{26}$")]
    seq: int = Field(ge=1)


class ReadDocument(Output):
    """How far a conversation was read, over all devices."""

    conversation: str
    read_to: int
    unread: int


def get_inbox(call: Call, query: InboxQuery) -> Reply:
    """List the messages after a number. The reply is 304 while the caller's ETag is the newest number.

    A number that is no longer kept answers 410: read the snapshot, and go on from its `head`.
    """
    with call.env.db.snapshot() as transaction:
        name = inbox_name(call, transaction, query.party, query.chain, query.store)
        head = tables.read_heads(transaction, [name]).get(name, Head())
        require_kept(query.after, head)
        fresh: list[int] = []
        reply = reply_unless_current(
            call, head.seq, lambda: page_of(transaction, name, query.after, query.limit, head, fresh)
        )
    note_fetched(call.env, name, fresh, call.client.id)
    return reply


def note_fetched(env: Environment, name: str, fresh: list[int], client: str | None = None) -> None:
    """Note when a device first had these messages of an inbox. The browsers of its person need not wake for them."""
    if fresh:
        with env.db.transaction() as transaction:
            tables.update_fetched(transaction, name, fresh, env.clock())
            if client:
                update_known(transaction, name, client, fresh[-1])


def get_snapshot(call: Call, query: InboxQuery) -> Reply:
    """Read an inbox as it stands: its conversations, what is unread, and the number from which to go on."""
    with call.env.db.snapshot() as transaction:
        name = inbox_name(call, transaction, query.party, query.chain, query.store)
        head = tables.read_heads(transaction, [name]).get(name, Head())
        conversations = tables.read_conversations(transaction, name, CONVERSATIONS)
        to_read = tables.read_to_read(transaction, name, MOST_TO_READ)
        bodies = tables.read_bodies(transaction, name, [row.last_seq for row in conversations])
    documents = [
        ConversationDocument(
            conversation=row.name,
            last=numbered(row.last_seq, bodies[row.last_seq]) if row.last_seq in bodies else None,
            read_to=row.read_to,
            unread=row.unread,
            to_read=to_read.get(row.name, []),
        )
        for row in conversations
    ]
    return Reply(InboxSnapshot(head=head.seq, conversations=documents))


def put_read(call: Call, body: ReadIn) -> Reply:
    """Note how far a conversation was read. The other devices of the inbox learn it by a message."""
    with call.once() as (work, stored):
        name = inbox_name(call, work, body.party, body.chain, body.store)
        head = tables.read_heads(work, [name]).get(name, Head())
        if body.seq > head.seq:
            raise Conflict("not_received", f"the inbox has {head.seq} messages")
        mark_read(work, name, body.seq, _read_envelope(body, call.env.clock()))
        [row, *_] = [
            *(row for row in tables.read_conversations(work, name, CONVERSATIONS) if row.name == body.conversation),
            tables.Conversation(body.conversation, 0, body.seq, 0),
        ]
        stored.reply = ReadDocument(conversation=row.name, read_to=row.read_to, unread=row.unread).model_dump_json()
    return Reply(stored.reply)


def list_messages(call: Call, path: DeliveryPath, query: MessagesQuery) -> Reply:
    """List the last messages of the conversation about a delivery, as one party has them."""
    with call.env.db.snapshot() as transaction:
        delivery = read_delivery(transaction, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        own = own_inbox(delivery, query.party, caller_of(call, transaction, delivery))
        rows = tables.read_of_conversation(transaction, own, conversation_of(delivery), LAST)
    return Reply(ConversationPage(messages=[numbered(row.seq, row.body) for row in rows]))


def post_message(call: Call, path: DeliveryPath, body: MessageIn) -> Reply:
    """Write to other parties of a delivery. A message that is sent again is the same message."""
    with call.once() as (work, stored):
        delivery = lock_delivery(work, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        caller = caller_of(call, work, delivery)
        own, now = own_inbox(delivery, body.party, caller), call.env.clock()
        require_open(delivery, now)
        name = caller.courier.name if body.party == "courier" and caller.courier else ""
        envelope = chat(delivery, Sender(party=Party(body.party), name=name), body.id, body.to, body.text, now)
        write(work, delivery, envelope, own)
        stored.status, stored.reply = HTTPStatus.CREATED, envelope.model_dump_json()
        stored.subject = delivery.id
    return Reply(stored.reply, HTTPStatus.CREATED)


def write(work: Work, delivery: Delivery, envelope: Envelope, own: str) -> dict[str, int]:
    """Post a chat message to its parties, and announce that there is one."""
    inboxes = inboxes_of(delivery)
    to = [inboxes[party] for party in envelope.to if party in inboxes]
    numbers = post(work, envelope, to, own, store=delivery.store)
    if numbers:
        announce_posted(work, delivery, envelope.kind.value, sorted(envelope.to), envelope.at)
    return numbers


def chat(delivery: Delivery, sender: Sender, message: str, to: list[Party], text: str, now: datetime) -> Envelope:
    """A chat message. Raises `Rejected` for a party to whom the sender may not write, or that is not there."""
    assert sender.party is not None
    forbidden = sorted(set(to) - MAY_WRITE_TO[sender.party])
    if forbidden:
        raise Rejected("not_to_this_party", f"a {sender.party} does not write to: {', '.join(forbidden)}")
    absent = sorted(set(to) - inboxes_of(delivery).keys())
    if absent:
        raise Conflict("nobody_there", "the delivery has no courier now: write to the desk")
    return Envelope(
        id=message,
        kind=Kind.CHAT,
        at=now,
        sender=sender,
        conversation=conversation_of(delivery),
        to=sorted(set(to)),
        template="chat",
        values={"text": text, "number": delivery.number},
        actions=["answer"],
    )


def require_open(delivery: Delivery, now: datetime) -> None:
    """Raises `Conflict` when the delivery ended too long ago."""
    if delivery.ended_at and now > delivery.ended_at + OPEN_AFTER_END:
        raise Conflict("conversation_closed", "the delivery ended more than a day ago")


def require_kept(after: int, head: Head) -> None:
    """Raises `Rejected` (410) where messages after this number are gone, or the inbox is of an older copy."""
    if head.oldest - 1 <= after <= head.seq:
        return
    raise Rejected(
        "inbox_moved_on",
        "read the snapshot, and go on from its head",
        status=HTTPStatus.GONE,
        extensions={"head": head.seq, "oldest": head.oldest},
    )


def page_of(transaction: Transaction, name: str, after: int, limit: int, head: Head, fresh: list[int]) -> InboxPage:
    """The messages of an inbox after a number. `fresh` gets the numbers of those that no device has had."""
    rows = tables.read_after(transaction, name, after, limit)
    fresh += [row.seq for row in rows if not row.is_fetched]
    messages = [numbered(row.seq, row.body) for row in rows]
    return InboxPage(messages=messages, next=rows[-1].seq if rows else after, head=head.seq, oldest=head.oldest)


def numbered(seq: int, body: str) -> NumberedMessage:
    """A stored message with its number."""
    return NumberedMessage.model_validate(json.loads(body) | {"seq": seq})


def inbox_name(call: Call, transaction: Transaction, party: Staff, chain: str | None, store: str | None) -> str:
    """The inbox that the caller may read as this party. Raises `Rejected` and `NotFound`."""
    if party == "courier":
        courier = read_courier_of(transaction, call.client.id)
        if courier is None or not courier.active or not call.client.reach(CARRY).within(courier.chain).all_chains:
            raise NotFound("unknown_courier", "you are no courier: ask the desk")
        return courier_inbox(courier.chain, courier.id)
    if chain is None or store is None:
        raise Rejected("store_missing", "name the chain and the store of the inbox")
    key = store_scope(call, transaction, RIGHTS[party], chain, store).key
    return desk_inbox(key) if party == "desk" else packer_inbox(key)


def own_inbox(delivery: Delivery, party: Staff, caller: Caller) -> str:
    """The caller's inbox in the conversation about a delivery. Raises `Rejected` (403) for another role."""
    is_of_role = ROLES[party] in caller.roles
    if not is_of_role or (party == "courier" and not caller.is_courier_of(delivery)):
        raise Rejected("not_your_conversation", f"you are no {party} of it", status=HTTPStatus.FORBIDDEN)
    return inboxes_of(delivery)[Party(party)]


def _read_envelope(body: ReadIn, now: datetime) -> Envelope:
    return Envelope(
        id=new_id(now),
        kind=Kind.READ,
        at=now,
        sender=Sender(party=Party(body.party), name=""),
        conversation=body.conversation,
        to=[Party(body.party)],
        template="read",
        values={"seq": body.seq},
        actions=[],
    )
