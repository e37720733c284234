"""Delivery: orders for a door, from the packer's table over the courier to the customer, with a live page.

Owns: deliveries, delivery_actions, couriers, delivery_stores, courier_positions, courier_devices, delivery_tracks,
    delivery_feedback, delivery_fleets, delivery_proofs, fleet_bookings, fleet_callbacks, inbox_devices, inbox_heads,
    inbox_messages, inbox_reads, push_servers.
Hears: ANY /v1/deliveries, ANY /v1/couriers, ANY /v1/delivery-links, ANY /v1/delivery-stores, ANY /v1/delivery-fleets,
    ANY /v1/inbox, ANY /v1/courier-positions, ANY /v1/tracks, GET /d, POST /delivery/fleets, order.placed,
    order.changed, order.cancelled, order.fulfilment_changed, member.forgotten, rate(1 minute), rate(1 hour), invoke.
Says: delivery.created, delivery.changed, delivery.courier_near, delivery.message_posted.
"""
