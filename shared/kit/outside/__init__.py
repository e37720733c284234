"""Calls leave once, to a checked address, in a bounded time, from a function outside of the private network."""
