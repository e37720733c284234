"""Callbacks of chat services: receipts, pressed buttons and written words."""
