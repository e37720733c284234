"""Proofs of who a person is: passwords, codes, and how many attempts there may be. Pure."""
