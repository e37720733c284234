"""What is said of members."""

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


class MemberMessage(MessageData):
    """Base of those about a member; `member` is our id, which says nothing to strangers."""

    member: Ulid
    chain: str


class MemberPurchased(MemberMessage):
    """The facts of a member moved: by a purchase, or by money that went back."""

    type = "member.purchased"
    order: Ulid


class MemberTagChanged(MemberMessage):
    """A tag has another value; null is none."""

    type = "member.tag_changed"
    tag: str
    before: str | None
    after: str | None


class MemberMerged(MemberMessage):
    """`member` is `into` from now on, with all that was bought."""

    type = "member.merged"
    into: Ulid


class MemberForgotten(MemberMessage):
    """A person asked to be erased; who keeps anything of this member, or by one of the chain's ids, must erase it."""

    type = "member.forgotten"
    external_ids: list[str] = []
