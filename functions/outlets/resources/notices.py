"""/v1/outlets/notices: the orders that outlets were told about, and the steps towards an answer."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from functions.outlets.resources.access import READ, ChainQuery, NoticePath, require_outlet, store_scope
from functions.outlets.resources.notice_documents import Notices, notice_detail, notice_documents
from functions.outlets.states import FINAL, OPEN, NoticeState
from functions.outlets.tables.messages import read_messages_of
from functions.outlets.tables.notices import (
    LAST_ID,
    Notice,
    NoticePage,
    read_notice,
    read_notices_of_chain,
    read_notices_of_stores,
)
from functions.outlets.tables.steps import read_steps
from functions.outlets.tables.stores import read_reached
from shared.contracts.ids import Ulid
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

WHICH = {"open": OPEN, "ended": tuple(FINAL), "all": tuple(NoticeState)}


class NoticesQuery(ChainQuery):
    """Notices of a chain or of one outlet. `which` says which, unless `state` names one state.

    With `order=oldest` a page begins after the notice `after`, otherwise before the notice `before`.
    """

    outlet: Id | None = None
    state: NoticeState | None = None
    which: Literal["open", "ended", "all"] = "open"
    order: Literal["newest", "oldest"] = "newest"
    before: Ulid | None = None
    after: Ulid | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def list_notices(call: Call, query: NoticesQuery) -> Reply:
    """List notices with their steps and messages: by default those without an answer, of all outlets of the caller."""
    with call.env.db.transaction() as transaction:
        found = _found(call, transaction, query)
        ids = [notice.id for notice in found]
        steps, messages = read_steps(transaction, ids), read_messages_of(transaction, ids)
    following = found[-1].id if len(found) == query.limit else None
    return Reply(Notices(notices=notice_documents(found, steps, messages), next=following))


def get_notice(call: Call, path: NoticePath, query: ChainQuery) -> Reply:
    """Read a notice with its evidence and the text that the outlet got. Guests are shown with `personal:read` alone."""
    with call.env.db.transaction() as transaction:
        found = read_notice(transaction, path.notice)
        notice, scope = required_notice(call, transaction, (READ,), query.chain, found)
        steps, messages = read_steps(transaction, [path.notice]), read_messages_of(transaction, [path.notice])
    return Reply(notice_detail(notice, steps, messages, personal=call.client.sees_personal(scope)))


def required_notice(
    call: Call, transaction: Transaction, rights: Sequence[str], chain: str, notice: Notice | None
) -> tuple[Notice, Scope]:
    """The notice and the scope of its store. Raises `NotFound`, and `Rejected` (403) without any of the rights."""
    known = notice if notice and notice.chain == chain else None
    scope = store_scope(transaction, known.store) if known else Scope(chain)
    if not any(call.client.may(right, scope) for right in rights):
        call.client.require(rights[0], scope)
    if known is None:
        raise NotFound("unknown_notice", "There is no such notice in this chain.")
    return known, scope


def _found(call: Call, transaction: Transaction, query: NoticesQuery) -> Sequence[Notice]:
    states = (query.state,) if query.state else WHICH[query.which]
    oldest = query.order == "oldest"
    page = NoticePage(states, query.limit, query.before or LAST_ID, query.after or "", oldest)
    if query.outlet:
        key = require_outlet(call, transaction, READ, query.chain, query.outlet)
        return read_notices_of_stores(transaction, [key], page)
    reach = call.client.reach(READ).within(query.chain)
    if reach.chains or not reach.all_chains:
        call.client.require(READ, Scope(query.chain))
        return read_notices_of_chain(transaction, query.chain, page)
    return read_notices_of_stores(transaction, read_reached(transaction, reach), page)
