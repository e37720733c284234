"""Upkeep of what every concern stands on: unsent messages, old keys."""
