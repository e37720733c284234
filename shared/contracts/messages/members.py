"""Messages about members."""

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


class MemberMessage(MessageData):
    """Base of the messages about a member; `member` is our own id, which has no meaning outside."""

    member: Ulid
    chain: str


class MemberPurchased(MemberMessage):
    """The facts of a member changed, by a purchase or a refund."""

    type = "member.purchased"
    order: Ulid


class MemberTagChanged(MemberMessage):
    """A tag changed from `before` to `after`; null means no value."""

    type = "member.tag_changed"
    tag: str
    before: str | None
    after: str | None


class MemberMerged(MemberMessage):
    """`member` became `into`, with all purchases."""

    type = "member.merged"
    into: Ulid


class MemberForgotten(MemberMessage):
    """A member asked for erasure. Each consumer deletes all data of this member and of the chain's ids for it."""

    type = "member.forgotten"
    external_ids: list[str] = []
