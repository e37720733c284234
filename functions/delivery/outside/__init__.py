"""Requests to services outside: to checked addresses, in a bounded time, with bounded replies."""
