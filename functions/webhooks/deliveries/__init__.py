"""Deliveries: stored for each endpoint and message, claimed, sent, and tried again."""
