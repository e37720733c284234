"""Upkeep of what all concerns share: unsent messages, old idempotency keys, late queues and silent timers.

Owns: nothing.
Hears: rate(1 minute), rate(1 hour).
Says: nothing.
"""
