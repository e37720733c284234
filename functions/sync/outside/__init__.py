"""Requests to outside systems: to checked addresses, in a bounded time, with bounded replies."""
