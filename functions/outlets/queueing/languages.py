"""The language of an outlet."""

from functions.outlets.rules.settings import rules_of
from functions.outlets.tables.settings import read_chain, read_outlet
from shared.spine.db import Transaction


def read_language(transaction: Transaction, store: str) -> str:
    """The language in which an outlet reads."""
    outlet = read_outlet(transaction, store)
    chain = read_chain(transaction, store.partition(":")[0])
    return rules_of(chain.settings if chain else None, outlet.settings if outlet else None).language
