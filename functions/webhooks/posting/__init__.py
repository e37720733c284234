"""Requests to endpoints over the network. No database and no secret is used here."""
