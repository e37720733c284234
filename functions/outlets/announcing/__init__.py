"""Announcements: a text to all outlets of a chain, or to some of them."""
