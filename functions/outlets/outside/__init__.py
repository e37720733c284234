"""Requests to chat services: to checked addresses, in a bounded time, with bounded replies."""
