"""/v1/outlets/guest: the device of a guest, with the guest token of the chain's own server."""

from functions.outlets.guests.services import MINI_PROGRAM, WEB_PUSH
from functions.outlets.pushing.browsers import address_of, closed_subscription
from functions.outlets.pushing.contacts import add_contact, opt_out
from functions.outlets.resources.guest_documents import (
    AcceptsCounted,
    AcceptsIn,
    OptOutIn,
    PageQuery,
    pushes_document,
)
from functions.outlets.resources.guests import counted_accepts
from functions.outlets.sending.robots import robot_of
from functions.outlets.states import OptOut
from functions.outlets.tables.guest_contacts import Contact, delete_contacts, read_contacts_of
from functions.outlets.tables.robots import StoredRobot, read_robots_of_chain
from shared.contracts.ids import member_id, new_id
from shared.contracts.models import Input, Output
from shared.kit.web_push import parsed_subscription
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.guest_tokens import GuestToken
from shared.spine.http import Call, Reply

MOST_BROWSERS = 10


class BrowserKeys(Input):
    """The keys of a browser, as base64url."""

    p256dh: str
    auth: str


class BrowserIn(Input):
    """A browser as `PushSubscription.toJSON()` gives it."""

    endpoint: str
    keys: BrowserKeys
    expirationTime: float | None = None  # noqa: N815 - the browser's own name


class BrowserAdded(Output):
    """The browser that gets pushes from now on."""

    guest: str
    opted_out: OptOut


class BrowserKeyDocument(Output):
    """The value for `applicationServerKey` of `pushManager.subscribe`."""

    public_key: str


class OptedOut(Output):
    """The messages that the guest does not want, at all services."""

    opted_out: OptOut
    services: int


class BrowserRemoved(Output):
    """The number of browsers that get no more pushes."""

    removed: int


def get_browser_key(call: Call) -> Reply:
    """Read the public key with which a page subscribes to web push."""
    token = _token(call)
    with call.env.db.transaction() as transaction:
        account = _account(transaction, token, WEB_PUSH.name)
    try:
        server = WEB_PUSH.server(robot_of(call.env, account))
    except ValueError:
        raise NotFound("no_guest_account", "The chain's key for web push is malformed.") from None
    return Reply(BrowserKeyDocument(public_key=server.public_text))


def add_browser(call: Call, body: BrowserIn) -> Reply:
    """Let the guest's browser get pushes."""
    token = _token(call)
    subscription = parsed_subscription(body.model_dump(), local=call.env.settings.stage == "local")
    with call.once() as (work, stored):
        account = _account(work, token, WEB_PUSH.name)
        browsers = [contact for contact in _contacts_of(work, token) if contact.robot == account.key]
        if len(browsers) >= MOST_BROWSERS:
            delete_contacts(work, [browsers[0].id])
        contact = _contact(call, token, account, address_of(subscription), closed_subscription(call.env, subscription))
        contact = add_contact(work, contact, call.env.clock())
        stored.reply = BrowserAdded(guest=contact.id, opted_out=contact.opted_out).model_dump_json()
    return Reply(stored.reply)


def remove_browsers(call: Call) -> Reply:
    """Let no browser of the guest get pushes."""
    token = _token(call)
    with call.once() as (work, stored):
        browsers = [contact.id for contact in _contacts_of(work, token) if contact.subscription is not None]
        delete_contacts(work, browsers)
        stored.reply = BrowserRemoved(removed=len(browsers)).model_dump_json()
    return Reply(stored.reply)


def add_own_accepts(call: Call, body: AcceptsIn) -> Reply:
    """Count accepts of `wx.requestSubscribeMessage`. The guest is the token's: no device names another one."""
    token = _token(call)
    with call.once() as (work, stored):
        account = _account(work, token, MINI_PROGRAM.name)
        contact = add_contact(work, _contact(call, token, account, token.guest), call.env.clock())
        counted: AcceptsCounted = counted_accepts(call, work, contact, body)
        stored.reply = counted.model_dump_json()
    return Reply(stored.reply)


def put_own_opt_out(call: Call, body: OptOutIn) -> Reply:
    """Set what the guest does not want, at all services. It holds at once."""
    token = _token(call)
    with call.once() as (work, stored):
        contacts = _contacts_of(work, token)
        if not contacts:
            raise NotFound("unknown_guest", "The guest is known at no service.")
        changed = opt_out(work, contacts[0], body.opted_out, call.env.clock())
        stored.reply = OptedOut(opted_out=body.opted_out, services=len(changed)).model_dump_json()
    return Reply(stored.reply)


def list_own_pushes(call: Call, query: PageQuery) -> Reply:
    """List the guest's own pushes."""
    token = _token(call)
    with call.env.db.transaction() as transaction:
        contacts = [contact.id for contact in _contacts_of(transaction, token)]
        document = pushes_document(transaction, contacts, query)
    return Reply(document)


def _token(call: Call) -> GuestToken:
    """The token. Raises `Rejected` for a request with a key, and for a token that names no guest."""
    token = call.client.token
    if token is None:
        raise Rejected("guest_token_needed", "This path is for a guest's device with a guest token.")
    if token.guest == token.id:
        raise Rejected("guest_unnamed", "The token names no guest. Make it with the field guest.")
    return token


def _account(transaction: Transaction, token: GuestToken, channel: str) -> StoredRobot:
    """The account of the token's mini-program, or the chain's key for browsers. Raises `NotFound`."""
    for robot in read_robots_of_chain(transaction, token.chain):
        is_its = channel != MINI_PROGRAM.name or robot.settings.get("source_id") == token.source_id
        if robot.enabled and robot.channel == channel and is_its:
            return robot
    raise NotFound("no_guest_account", f"The chain has no account of the channel {channel} for this source.")


def _contact(
    call: Call, token: GuestToken, account: StoredRobot, address: str, subscription: bytes | None = None
) -> Contact:
    member = member_id(token.chain, token.member) if token.member else None
    return Contact(new_id(call.env.clock()), token.chain, account.key, address, token.guest_hash, member, subscription)


def _contacts_of(transaction: Transaction, token: GuestToken) -> list[Contact]:
    """The guest of the token at all services. The token's member is named by the chain's server."""
    member = member_id(token.chain, token.member) if token.member else None
    return read_contacts_of(transaction, token.chain, token.guest_hash, member)
