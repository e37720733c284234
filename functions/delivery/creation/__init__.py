"""Deliveries from orders, and what later messages of an order change."""
