"""A command → a request with a link; the press behind the link → a message that the store hears."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from functions.outlets.asking.commands import MOST_MATCHES, Command, Word, matching_items
from functions.outlets.asking.pausing import BY_OUTLET, change_pause
from functions.outlets.channels.contract import Card
from functions.outlets.notices.links import REQUEST, confirm_token
from functions.outlets.rules.settings import Rules
from functions.outlets.states import RequestKind
from functions.outlets.tables.requests import Request, insert_request, update_request_confirmed
from functions.outlets.text.words import say
from shared.contracts.ids import new_id
from shared.contracts.messages.outlets import OutletChangeConfirmed, request_subject
from shared.contracts.store_record import read_store
from shared.spine import log
from shared.spine.outbox import Work

# A request names the menu and the day of its time.
GOOD_FOR = timedelta(hours=2)
FIRST_VERSION = 1


def asked(
    work: Work, keyring: Sequence[str], store: str, rules: Rules, command: Command, person: str, now: datetime
) -> Card | None:
    """The fixed reply to a command, with its link; None for words that a person must read."""
    if not rules.link_base:
        return None
    found = _found(work, store, command, now)
    if isinstance(found, list):
        names = "; ".join(found)
        return Card(say(rules.language, "ask.which", names=names), language=rules.language) if found else None
    kind, subject, title = found
    request = Request(new_id(now), store.partition(":")[0], store, kind, subject, title, rules.language, person[:200])
    insert_request(work, request)
    token = confirm_token(keyring, request.id, FIRST_VERSION, now, purpose=REQUEST, good_for=GOOD_FOR)
    link = f"{rules.link_base.rstrip('/')}/outlets/requests/{token}"
    return Card(question(request), link, say(rules.language, "ask.button"), language=rules.language)


def question(request: Request) -> str:
    """The question that the outlet confirms."""
    return say(request.language, f"ask.{request.kind}", what=request.title)


def confirm(work: Work, request: Request, now: datetime) -> None:
    """Announce a locked request once. The first press counts."""
    if request.confirmed_at is not None:
        return
    update_request_confirmed(work, request.id, now)
    log.logger().info("request confirmed", extra={"asked": request.id, "kind": request.kind})
    if request.kind is RequestKind.RESUME:
        change_pause(work, request.store, None, BY_OUTLET, now)
        return
    is_item = request.kind is RequestKind.SOLD_OUT
    message = OutletChangeConfirmed(
        request=request.id,
        chain=request.chain,
        store=request.store.partition(":")[2],
        sold_out=[request.subject] if is_item else [],
        closed_on=None if is_item else date.fromisoformat(request.subject),
    )
    work.announce(message, subject=request_subject(request.id), sequence=1, store=request.store)


def _found(work: Work, store: str, command: Command, now: datetime) -> tuple[RequestKind, str, str] | list[str]:
    """(kind, subject, title), or the names of the items that the words can mean. Our menu's names alone are shown."""
    record = read_store(work, store, now)
    if record is None:
        return []
    if command.word is Word.RESUME:
        return RequestKind.RESUME, "", record.settings.name
    if command.word is Word.CLOSED:
        day = record.day_of(now) + timedelta(days=1)
        return RequestKind.CLOSED, day.isoformat(), day.isoformat()
    items = matching_items(command.words, record.items.values())
    if len(items) == 1:
        return RequestKind.SOLD_OUT, items[0].id, items[0].name
    return [item.name for item in items[:MOST_MATCHES]]
