"""Owns: members, ledger, facts, tags, bitmaps, identities, tag settings, CLV models, backfills and segment exports.

Hears: order.paid, order.refunded, order.payment_taken, member.purchased, a minute's timers, a night's timer, HTTP.
Says: member.purchased, member.tag_changed, member.merged, member.forgotten.
"""
