"""Passkeys: the options for a browser, and the check of its answer."""
