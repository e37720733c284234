"""A notice's messages: each change is in the trace of the order."""

from typing import Any

from functions.outlets.tables.notices import Notice
from shared.contracts.messages.orders import order_subject
from shared.contracts.messages.outlets import NoticeMessage, OutletNoticeChanged, notice_subject
from shared.spine.outbox import Work


def announce(work: Work, notice: Notice, message: NoticeMessage) -> None:
    """Announce a message about a locked notice, whose `sequence` counts it already."""
    subject = notice_subject(notice.id)
    work.announce(
        message, subject=subject, sequence=notice.sequence, store=notice.store, about=order_subject(notice.order)
    )


def announce_state(work: Work, notice: Notice) -> None:
    """Announce the state of a notice."""
    announce(work, notice, OutletNoticeChanged(**about(notice), state=notice.state, evidence=notice.evidence))


def about(notice: Notice) -> dict[str, Any]:
    """The fields that all messages about a notice have."""
    return {
        "notice": notice.id,
        "order": notice.order,
        "chain": notice.chain,
        "store": notice.store.partition(":")[2],
        "version": notice.version,
    }
