"""Members of loyalty programmes: a ledger of purchases, facts, tags, segments, and their erasure.

Owns: members, member_numbers, member_identities, member_lookups, member_purchases, forgotten_purchases, member_facts,
    member_tags, tag_bitmaps, tag_settings, tag_models, tag_versions, tag_backfills, segment_exports,
    saved_segments.
Hears: order.paid, order.refunded, order.payment_taken, member.purchased, rate(1 minute), cron(30 3 * * ? *),
    ANY /v1/members, POST /v1/member-lookups, ANY /v1/segments, GET /v1/tags, ANY /v1/tag-settings,
    ANY /v1/tag-backfills.
Says: member.purchased, member.tag_changed, member.merged, member.forgotten.
"""
