"""Delivery: orders for a door, from the packer's table over the courier to the customer, with a live page.

Owns: deliveries, delivery_actions, couriers, delivery_stores, inbox_heads, inbox_messages, inbox_reads.
Hears: ANY /v1/deliveries, ANY /v1/couriers, ANY /v1/delivery-links, ANY /v1/delivery-stores, ANY /v1/inbox,
    order.placed, order.changed, order.cancelled, order.fulfilment_changed, member.forgotten, rate(1 hour).
Says: delivery.created, delivery.changed, delivery.message_posted.
"""
