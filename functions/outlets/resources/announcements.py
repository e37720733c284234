"""/v1/outlets/announcements: texts to all outlets of a chain or to some of them, with progress and receipts."""

from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from functions.outlets.announcing.stopping import NEVER
from functions.outlets.queueing.targets import TALK, TEST
from functions.outlets.resources.access import MANAGE, READ, ChainQuery, Name, require
from functions.outlets.resources.robots import require_chat_robot
from functions.outlets.states import ANNOUNCEMENT_MOVES, AnnouncementState, MessageState
from functions.outlets.tables.announcements import (
    ALL,
    Announcement,
    insert_announcement,
    lock_announcement,
    read_announcement,
    read_announcements,
    update_announcement,
)
from functions.outlets.tables.messages import (
    ChatMessage,
    insert_messages,
    update_held,
    update_messages_ended,
)
from functions.outlets.tables.notices import LAST_ID
from functions.outlets.tables.receipts import read_message_counts, read_page_of
from functions.outlets.text.announcement_text import announcement_card
from functions.outlets.text.cards import stored_card
from shared.contracts.ids import Ulid, new_id
from shared.contracts.models import Input, Output, Query, empty_list
from shared.contracts.moments import utc_of_any
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound
from shared.spine.http import Call, Reply

Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
UNREAD = tuple(state for state in MessageState if state is not MessageState.READ)


def _with_zone(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("starts_at needs a time zone, as in 2026-12-01T01:00:00Z")
    return text


StartsAt = Annotated[str, Field(max_length=40, examples=["2026-12-01T01:00:00Z"]), AfterValidator(_with_zone)]


class AttachmentIn(Input):
    """A file behind a public https address."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    url: Annotated[str, Field(pattern="^https://[^ ]{1,900}$")]
    media_type: Annotated[str, Field(pattern="^[a-z]+/[a-z0-9.+-]{1,80}$")]


class SegmentIn(Input):
    """Outlets of these regions, and these outlets. Without any: all outlets of the chain."""

    regions: Annotated[list[Id], Field(max_length=200)] = empty_list()
    stores: Annotated[list[Id], Field(max_length=2_000)] = empty_list()


class AnnouncementIn(Input):
    """A text by language. An outlet gets its own language, or English, or the first text."""

    texts: Annotated[dict[Literal["en", "zh"], Text], Field(min_length=1)]
    attachments: Annotated[list[AttachmentIn], Field(max_length=5)] = empty_list()
    segment: SegmentIn = SegmentIn()
    starts_at: StartsAt | None = None
    state: Annotated[
        Literal["scheduled", "paused"],
        Field(description="A paused one is a draft: it waits for its state `scheduled`."),
    ] = "scheduled"


class TrialIn(Input):
    """A chat that gets the announcement alone, in a language."""

    robot: Name
    address: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    language: Literal["en", "zh"] = "en"


class StateIn(Input):
    """`paused`, `scheduled` to go on, or `cancelled`. `starts_at` moves the begin of one that has not begun."""

    state: Literal["paused", "scheduled", "cancelled"]
    starts_at: StartsAt | None = None


class AnnouncementPath(Query):
    """The id of an announcement."""

    announcement: Ulid


class ReceiptsQuery(ChainQuery):
    """A page of receipts. `unread`: only outlets that have not read it."""

    unread: bool = False
    after: Id | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class OutletAnnouncementDocument(Output):
    """An announcement. `messages` counts its messages by state, `previews` are the texts as they are sent."""

    announcement: str
    chain: str
    state: AnnouncementState
    starts_at: datetime
    created_at: datetime
    messages: dict[str, int]
    previews: dict[str, str]
    attachments: list[AttachmentIn] = empty_list()
    segment: SegmentIn = SegmentIn()


class OutletAnnouncements(Output):
    """Announcements of a chain, the newest first."""

    announcements: list[OutletAnnouncementDocument]


class ReceiptDocument(Output):
    """The message of an outlet: what the service has told about it."""

    outlet: str
    state: MessageState
    failure: str | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None


class Receipts(Output):
    """Receipts by outlet. `next` is the `after` of the following page."""

    receipts: list[ReceiptDocument]
    next: str | None


class AnnouncementTested(Output):
    """The message of a test."""

    message: str


def create_outlet_announcement(call: Call, query: ChainQuery, body: AnnouncementIn) -> Reply:
    """Schedule an announcement. Each outlet gets it once, outside of its quiet hours."""
    require(call, MANAGE, query.chain)
    now = call.env.clock()
    with call.once() as (work, stored):
        starts_at = utc_of_any(datetime.fromisoformat(body.starts_at)) if body.starts_at else now
        content = body.model_dump(exclude={"starts_at", "state"})
        announcement = Announcement(
            new_id(now),
            query.chain,
            content,
            AnnouncementState(body.state),
            max(starts_at, now),
            now,
            call.client.id[:64],
        )
        insert_announcement(work, announcement)
        stored.status = HTTPStatus.CREATED
        stored.reply = _document(work, announcement).model_dump_json()
    return Reply(stored.reply, stored.status)


def list_outlet_announcements(call: Call, query: ChainQuery) -> Reply:
    """List the newest announcements with their progress."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        rows = read_announcements(transaction, query.chain, LAST_ID, 50)
        documents = [_document(transaction, announcement) for announcement in rows]
    return Reply(OutletAnnouncements(announcements=documents))


def move_outlet_announcement(call: Call, path: AnnouncementPath, query: ChainQuery, body: StateIn) -> Reply:
    """Pause an announcement, let it go on, or cancel it. Messages that were sent stay sent."""
    require(call, MANAGE, query.chain)
    now = call.env.clock()
    with call.once() as (work, stored):
        announcement = _existing(lock_announcement(work, path.announcement), query.chain)
        state = AnnouncementState(body.state)
        if state is not announcement.state:
            if state not in ANNOUNCEMENT_MOVES[announcement.state]:
                raise Conflict("illegal_move", f"An announcement that is {announcement.state} cannot become {state}.")
            announcement = replace(announcement, state=_going_on(announcement, state))
            _hold(work, announcement, now)
        if body.starts_at and not announcement.queued_to:
            announcement = replace(announcement, starts_at=max(utc_of_any(datetime.fromisoformat(body.starts_at)), now))
        update_announcement(work, announcement)
        stored.reply = _document(work, announcement).model_dump_json()
    return Reply(stored.reply)


def try_outlet_announcement(call: Call, path: AnnouncementPath, query: ChainQuery, body: TrialIn) -> Reply:
    """Send the announcement to one chat alone, before the outlets get it."""
    require(call, MANAGE, query.chain)
    now = call.env.clock()
    with call.once() as (work, stored):
        announcement = _existing(read_announcement(work, path.announcement), query.chain)
        key = require_chat_robot(work, query.chain, body.robot)
        message = _test_message(announcement, key, body, now)
        insert_messages(work, [message])
        stored.status, stored.reply = HTTPStatus.CREATED, AnnouncementTested(message=message.id).model_dump_json()
    return Reply(stored.reply, stored.status)


def list_receipts(call: Call, path: AnnouncementPath, query: ReceiptsQuery) -> Reply:
    """List the outlets with the state of their message. With `unread`: those that have not read it."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        announcement = _existing(read_announcement(transaction, path.announcement), query.chain)
        states = UNREAD if query.unread else tuple(MessageState)
        after = f"{query.chain}:{query.after}" if query.after else ""
        rows = read_page_of(transaction, announcement.id, states, after, query.limit)
    receipts = [_receipt(message) for message in rows]
    following = receipts[-1].outlet if len(receipts) == query.limit else None
    return Reply(Receipts(receipts=receipts, next=following))


def _going_on(announcement: Announcement, state: AnnouncementState) -> AnnouncementState:
    """One whose messages are all queued goes on with them."""
    is_queued = announcement.queued_to == ALL and state is AnnouncementState.SCHEDULED
    return AnnouncementState.SENDING if is_queued else state


def _hold(transaction: Transaction, announcement: Announcement, now: datetime) -> None:
    if announcement.state is AnnouncementState.CANCELLED:
        update_messages_ended(transaction, [announcement.id])
    else:
        update_held(transaction, announcement.id, NEVER if announcement.state is AnnouncementState.PAUSED else now)


def _test_message(announcement: Announcement, robot: str, body: TrialIn, now: datetime) -> ChatMessage:
    message_id = new_id(now)
    return ChatMessage(
        id=message_id,
        chain=announcement.chain,
        store=f"{announcement.chain}:",
        kind=TEST,
        source=message_id,
        step=0,
        place=0,
        robot=robot,
        address=body.address,
        language=body.language,
        due_at=now,
        priority=TALK,
        card=stored_card(announcement_card(announcement.content, body.language)),
    )


def _existing(announcement: Announcement | None, chain: str) -> Announcement:
    if announcement is None or announcement.chain != chain:
        raise NotFound("unknown_announcement", "There is no such announcement in this chain.")
    return announcement


def _document(transaction: Transaction, announcement: Announcement) -> OutletAnnouncementDocument:
    texts = announcement.content["texts"]
    return OutletAnnouncementDocument(
        announcement=announcement.id,
        chain=announcement.chain,
        state=announcement.state,
        starts_at=announcement.starts_at,
        created_at=announcement.created_at,
        messages=read_message_counts(transaction, announcement.id),
        attachments=announcement.content.get("attachments") or [],
        segment=announcement.content.get("segment") or {},
        previews={language: announcement_card(announcement.content, language).text for language in texts},
    )


def _receipt(message: ChatMessage) -> ReceiptDocument:
    fields = {name: value for name, value in vars(message).items() if name in ReceiptDocument.model_fields}
    return ReceiptDocument(**fields, outlet=message.store.partition(":")[2])
