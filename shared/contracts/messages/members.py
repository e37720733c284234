"""Messages about members."""

from shared.contracts.ids import Ulid
from shared.contracts.messages import Document, MessageData, left_out


def purchase_subject(order: str) -> str:
    """The `subject` of messages about what a member bought with an order."""
    return f"purchase/{order}"


class MemberMessage(MessageData):
    """Base of the messages about a member; `member` is our own id, which has no meaning outside."""

    member: Ulid
    chain: str


class StoredTagThen(Document):
    """A tag as it was stored. `expires_at` is the text of a column, in UTC."""

    value: str
    version: int
    expires_at: str | None


class FactsThen(Document):
    """The facts of a member after the change, a column each, and the tags that were stored then.

    `revision` counts the changes of the facts. `days` is base64. The columns are for the functions of tags alone.
    """

    revision: int
    days: str
    habits: str
    favourites: str
    categories: str
    items: str
    tags: dict[str, StoredTagThen]


class MemberPurchased(MemberMessage):
    """The facts of a member changed, by a purchase or a refund. Without `facts` a reader reads the table.

    `facts` are absent when they are large, and after the member's erasure.
    """

    type = "member.purchased"
    order: Ulid
    facts: FactsThen | None = left_out(None)


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
