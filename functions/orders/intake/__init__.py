"""Intake of an order: its id, and its price and number at the store as it was at the time of the sale."""
