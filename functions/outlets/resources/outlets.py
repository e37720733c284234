"""/v1/outlets: rules of a chain, and the stores that get their orders in a chat."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.outlets.channels import CHANNELS
from functions.outlets.resources.access import (
    MANAGE,
    READ,
    ChainQuery,
    Name,
    OutletPath,
    locked_outlet,
    require,
    require_outlet,
)
from functions.outlets.rules.settings import OutletRules, Rules, rules_of
from functions.outlets.states import ChatState, RobotState
from functions.outlets.tables.chats import Chat, read_chats, update_chats
from functions.outlets.tables.robots import StoredRobot, read_robots, robot_key
from functions.outlets.tables.settings import (
    Outlet,
    delete_outlet,
    insert_chain,
    insert_outlet,
    lock_chain,
    lock_outlet,
    read_chain,
    read_outlet,
    read_outlets,
    read_outlets_of,
    update_chain,
    update_outlet,
)
from functions.outlets.tables.stores import read_reached, read_stores
from shared.contracts.ids import store_key
from shared.contracts.models import Input, Output
from shared.contracts.text import Id
from shared.kit.revision import require_match, require_no_match, tag_headers
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply

MOST_CHATS = 8


class RulesDocument(Output):
    """The rules of a chain."""

    chain: str
    revision: int
    rules: Rules


class ChatIn(Input):
    """A chat of an outlet: a robot of the chain, and the chat's name at the service."""

    robot: Name
    address: Annotated[str, StringConstraints(min_length=1, max_length=255)]


class OutletIn(Input):
    """A store that gets its orders in a chat. The first living chat is used; a dead one is passed over."""

    chats: Annotated[list[ChatIn], Field(max_length=MOST_CHATS)]
    rules: OutletRules = OutletRules()
    enabled: bool = True


class ChatDocument(Output):
    """A chat of an outlet, and whether the service still takes messages for it."""

    robot: str
    address: str
    state: ChatState
    failure: str | None
    failing_since: datetime | None
    looked_at: datetime | None = None
    channel: str | None = None
    robot_state: RobotState | None = None


class OutletDocument(Output):
    """An outlet with its chats in their order. `rules` are those in place of the chain's; `applied` are all of them."""

    outlet: str
    chain: str
    enabled: bool
    revision: int
    rules: OutletRules
    chats: list[ChatDocument]
    applied: Rules = Rules()
    timezone: str = "UTC"


class Outlets(Output):
    """Outlets of a chain by id. `next` is the `after` of the following page."""

    outlets: list[OutletDocument]
    next: str | None


class OutletDeleted(Output):
    """The store that gets no orders in a chat any more."""

    outlet: str


class OutletsQuery(ChainQuery):
    """A page of the outlets of a chain."""

    after: Id | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


def get_rules(call: Call, query: ChainQuery) -> Reply:
    """Read the rules of a chain. A chain without rules has the defaults, at revision 0."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        stored = read_chain(transaction, query.chain)
    revision = stored.revision if stored else 0
    document = RulesDocument(chain=query.chain, revision=revision, rules=rules_of(stored.settings if stored else None))
    return Reply(document, headers=tag_headers(revision))


def put_rules(call: Call, query: ChainQuery, body: Rules) -> Reply:
    """Replace the rules of a chain. They are for orders from now on."""
    require(call, MANAGE, query.chain)
    _require_https(call, body.link_base)
    with call.once() as (work, stored_reply):
        before = lock_chain(work, query.chain)
        if before is None:
            insert_chain(work, query.chain, body.model_dump_json())
        else:
            require_match(call, before.revision)
            update_chain(work, query.chain, body.model_dump_json())
        revision = before.revision + 1 if before else 1
        document = RulesDocument(chain=query.chain, revision=revision, rules=body)
        stored_reply.reply = document.model_dump_json()
    return Reply(stored_reply.reply, headers=tag_headers(revision))


def list_outlets(call: Call, query: OutletsQuery) -> Reply:
    """List the outlets of a chain with their chats: all of them, or those that the caller may see."""
    with call.env.db.transaction() as transaction:
        documents = _documents(transaction, query.chain, _listed(call, transaction, query))
    following = documents[-1].outlet if len(documents) == query.limit else None
    return Reply(Outlets(outlets=documents, next=following))


def get_outlet(call: Call, path: OutletPath, query: ChainQuery) -> Reply:
    """Read an outlet. `ETag` is for a change with `If-Match`."""
    with call.env.db.transaction() as transaction:
        key = require_outlet(call, transaction, READ, query.chain, path.outlet)
        outlet = read_outlet(transaction, key)
        if outlet is None:
            raise unknown_outlet()
        [document] = _documents(transaction, query.chain, [outlet])
    return Reply(document, headers=tag_headers(outlet.revision))


def put_outlet(call: Call, path: OutletPath, query: ChainQuery, body: OutletIn) -> Reply:
    """Let a store get its orders in a chat, or replace its chats and rules. Its chats are taken for living then."""
    with call.once() as (work, stored):
        key = require_outlet(call, work, MANAGE, query.chain, path.outlet)
        before = lock_outlet(work, key)
        _require_robots(work, query.chain, body)
        settings = body.rules.model_dump(exclude_none=True)
        outlet = Outlet(key, query.chain, settings, body.enabled, before.revision + 1 if before else 1)
        if before is None:
            require_no_match(call)
            insert_outlet(work, outlet)
        else:
            require_match(call, before.revision)
            update_outlet(work, outlet)
        update_chats(work, key, [(robot_key(query.chain, chat.robot), chat.address) for chat in body.chats])
        stored.reply = _documents(work, query.chain, [outlet])[0].model_dump_json()
        stored.status = HTTPStatus.OK if before else HTTPStatus.CREATED
    return Reply(stored.reply, stored.status, tag_headers(outlet.revision))


def remove_outlet(call: Call, path: OutletPath, query: ChainQuery) -> Reply:
    """A store gets no more orders in a chat. Its notices stay until they are old."""
    with call.once() as (work, stored):
        key = require_outlet(call, work, MANAGE, query.chain, path.outlet)
        locked_outlet(work, key)
        update_chats(work, key, [])
        delete_outlet(work, key)
        stored.reply = OutletDeleted(outlet=path.outlet).model_dump_json()
    return Reply(stored.reply)


def _listed(call: Call, transaction: Transaction, query: OutletsQuery) -> list[Outlet]:
    """The outlets that the caller may see, after the one of the query."""
    after = store_key(query.chain, query.after) if query.after else ""
    reach = call.client.reach(READ).within(query.chain)
    if reach.chains or not reach.all_chains:
        require(call, READ, query.chain)
        return read_outlets(transaction, query.chain, after, query.limit)
    keys = [key for key in read_reached(transaction, reach) if key > after]
    return read_outlets_of(transaction, keys, query.limit)


def _require_https(call: Call, link_base: str) -> None:
    if link_base.startswith("http:") and call.env.settings.stage != "local":
        raise Rejected("https_missing", "link_base must begin with https://.")


def _require_robots(transaction: Transaction, chain: str, body: OutletIn) -> None:
    keys = {robot_key(chain, chat.robot) for chat in body.chats}
    found = read_robots(transaction, keys)
    missing = sorted(key for key in keys if key not in found or found[key].channel not in CHANNELS)
    if missing:
        raise NotFound("unknown_robot", f"There is no robot {missing[0].partition(':')[2]} in this chain.")


def unknown_outlet() -> NotFound:
    """The problem of a store that is no outlet."""
    return NotFound("unknown_outlet", "The store gets no orders in a chat.")


def _documents(transaction: Transaction, chain: str, outlets: Sequence[Outlet]) -> list[OutletDocument]:
    keys = [outlet.store for outlet in outlets]
    chats, stores = read_chats(transaction, keys), read_stores(transaction, keys)
    robots = read_robots(transaction, {chat.robot for each in chats.values() for chat in each})
    stored = read_chain(transaction, chain)
    documents = []
    for outlet in outlets:
        store = stores.get(outlet.store)
        document = OutletDocument(
            outlet=outlet.store.partition(":")[2],
            chain=outlet.chain,
            enabled=outlet.enabled,
            revision=outlet.revision,
            rules=OutletRules.model_validate(outlet.settings),
            chats=[_chat_document(chat, robots.get(chat.robot)) for chat in chats[outlet.store]],
            applied=rules_of(stored.settings if stored else None, outlet.settings),
            timezone=store.settings.timezone if store else "UTC",
        )
        documents.append(document)
    return documents


def _chat_document(chat: Chat, robot: StoredRobot | None) -> ChatDocument:
    values = vars(replace(chat, robot=chat.robot.partition(":")[2]))
    fields = {name: value for name, value in values.items() if name in ChatDocument.model_fields}
    return ChatDocument(**fields, channel=robot.channel if robot else None, robot_state=robot.state if robot else None)
