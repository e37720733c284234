"""The cards of messages that are about to be sent, each from its notice, its announcement or its own row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from functions.outlets.channels.contract import Button, Card
from functions.outlets.notices.links import confirm_token
from functions.outlets.queueing.targets import ANNOUNCEMENT, CANCELLED, NOTICE, PERSON
from functions.outlets.rules.settings import Rules, rules_of
from functions.outlets.states import FINAL
from functions.outlets.tables.announcements import read_contents
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.notices import Notice, read_notice, read_notices
from functions.outlets.tables.settings import read_chain, read_enabled
from functions.outlets.text.announcement_text import announcement_card
from functions.outlets.text.cards import cancelled_card, loaded_card, notice_card, person_card
from functions.outlets.text.document import loaded
from shared.spine.db import Transaction

OF_NOTICES = (NOTICE, PERSON, CANCELLED)
TEMPLATE = "use_template"


class Cards:
    """Makes cards. Notices and rules are read once for all messages of a round."""

    def __init__(self, transaction: Transaction, keyring: Sequence[str], messages: Sequence[ChatMessage]) -> None:
        of_notices = [message for message in messages if message.kind in OF_NOTICES]
        self._keyring = keyring
        self._notices = read_notices(transaction, {message.source for message in of_notices})
        self._contents = read_contents(
            transaction, {message.source for message in messages if message.kind == ANNOUNCEMENT}
        )
        self._rules = _read_rules(transaction, of_notices)

    def card(self, message: ChatMessage, now: datetime) -> Card | None:
        """The card of a message; None where nothing is to show: a guest was forgotten, or the order is answered."""
        card = self._made(message, now)
        return replace(card, as_template=True) if card and message.failure == TEMPLATE else card

    def _made(self, message: ChatMessage, now: datetime) -> Card | None:
        if message.card is not None:
            return loaded_card(message.card)
        if message.kind == ANNOUNCEMENT:
            content = self._contents.get(message.source)
            return announcement_card(content, message.language) if content else None
        notice = self._notices.get(message.source)
        if notice is None:
            return None
        return card_of_notice(self._keyring, message, notice, self._rules.get(notice.store, Rules()), now)


def card_of_notice(
    keyring: Sequence[str], message: ChatMessage, notice: Notice, rules: Rules, now: datetime
) -> Card | None:
    """The card of a message about a notice; None where nothing is to show."""
    document = loaded(notice.document)
    if document is None or (message.kind != CANCELLED and notice.state in FINAL):
        return None
    if message.kind == CANCELLED:
        return cancelled_card(document, notice.language)
    base = rules.link_base.rstrip("/")
    # The same text each time: some services know a message that comes again by its content.
    token = confirm_token(keyring, notice.id, notice.version, notice.created_at)
    link = f"{base}/outlets/confirm/{token}" if base else None
    if message.kind == PERSON:
        waited = int((now - notice.created_at).total_seconds() // 60)
        return person_card(document, notice.language, link, notice.id, rules.ready_minutes, waited)
    return notice_card(document, notice.language, link, notice.id, rules.ready_minutes, again=message.again)


def read_buttons(transaction: Transaction, message: ChatMessage) -> tuple[Button, ...]:
    """The buttons of a message about a notice, in the order in which its chat numbers them."""
    notice = read_notice(transaction, message.source) if message.kind in (NOTICE, PERSON) else None
    document = loaded(notice.document) if notice else None
    if notice is None or document is None:
        return ()
    rules = _read_rules(transaction, [message]).get(notice.store, Rules())
    return notice_card(document, notice.language, None, notice.id, rules.ready_minutes, again=False).buttons


def _read_rules(transaction: Transaction, messages: Sequence[ChatMessage]) -> dict[str, Rules]:
    outlets = read_enabled(transaction, {message.store for message in messages})
    chains = {chain: read_chain(transaction, chain) for chain in {message.chain for message in messages}}
    found = {}
    for message in messages:
        chain, outlet = chains[message.chain], outlets.get(message.store)
        found[message.store] = rules_of(chain.settings if chain else None, outlet.settings if outlet else None)
    return found
