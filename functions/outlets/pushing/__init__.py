"""Pushes to guests: causes, the queue, the sender, and the ledger of consents."""
