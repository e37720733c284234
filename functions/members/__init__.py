"""Members by what they buy: a ledger, running facts, and one function a tag."""
