"""The times at which announcements may be sent, by the clock and the rules of each outlet."""

from collections.abc import Sequence
from datetime import datetime

from functions.outlets.queueing.targets import ANNOUNCEMENT
from functions.outlets.rules.quiet import allowed_at
from functions.outlets.rules.settings import rules_of
from functions.outlets.tables.messages import ChatMessage
from functions.outlets.tables.settings import read_chain, read_enabled
from functions.outlets.tables.stores import read_stores
from shared.spine.db import Transaction


def read_allowed(transaction: Transaction, messages: Sequence[ChatMessage], now: datetime) -> dict[str, datetime]:
    """The first moment from now on at which each message may be sent, by its id. Only announcements wait."""
    told = [message for message in messages if message.kind == ANNOUNCEMENT]
    keys = {message.store for message in told}
    stores, outlets = read_stores(transaction, keys), read_enabled(transaction, keys)
    chains = {chain: read_chain(transaction, chain) for chain in {message.chain for message in told}}
    begins = {message.id: now for message in messages}
    for message in told:
        chain, outlet, store = chains[message.chain], outlets.get(message.store), stores.get(message.store)
        rules = rules_of(chain.settings if chain else None, outlet.settings if outlet else None)
        begins[message.id] = allowed_at(rules, store.settings.timezone if store else "UTC", now)
    return begins
