"""Pieces of counted items, and places in slots, that orders take and give back."""
