"""The tables of sync."""
