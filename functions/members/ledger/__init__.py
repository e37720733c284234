"""The ledger: each paid order of a member once, and the facts that it changes."""
