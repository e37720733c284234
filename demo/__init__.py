"""The demo chain: stores, orders of a real pizzeria, printers."""
