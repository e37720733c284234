"""Notices: an order is told to its outlet, and the outlet answers."""
