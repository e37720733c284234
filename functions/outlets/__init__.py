"""Outlets: an order reaches the owner of an outlet in a chat, is confirmed by one press, and escalates without it.

Owns: guest_consents, guest_contacts, guest_pushes, guest_results, guest_rights, guest_rules, outlet_alerts,
    outlet_announcements, outlet_chains, outlet_chats, outlet_events, outlet_holds, outlet_messages, outlet_notices,
    outlet_people, outlet_requests, outlet_robots, outlet_slots, outlet_steps, outlets.
Hears: ANY /v1/outlets, ANY /outlets, delivery.changed, delivery.courier_near, member.forgotten, member.merged,
    member.tag_changed, order.cancelled, order.changed, order.closed, order.fulfilment_changed, order.paid,
    order.placed, order.refunded, invoke, rate(1 day), rate(1 minute), rate(5 minutes).
Says: outlet.change_confirmed, outlet.escalated, outlet.notice_changed, outlet.order_answered, outlet.pause_changed,
    outlet.robot_failing, outlet.robot_recovered.
"""
