"""SQL of the table `sync_mail_senders`: the addresses and domains that a chain may send mails from."""

from shared.spine.db import Transaction

SELECT_ALLOWED = "SELECT sender FROM sync_mail_senders WHERE chain_id = %(chain)s AND sender IN %(senders)s LIMIT 1"


def read_is_allowed(transaction: Transaction, chain: str, address: str) -> bool:
    """Whether the operator has allowed the chain to send from this address, or from its domain."""
    lower = address.lower()
    senders = (lower, lower.rpartition("@")[2])
    return transaction.row(SELECT_ALLOWED, {"chain": chain, "senders": senders}) is not None
