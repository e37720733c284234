"""Takings by store and business day, for the head office.

Owns: takings.
Hears: GET /v1/takings, order.paid, order.refunded, order.payment_taken.
Says: nothing.
"""
