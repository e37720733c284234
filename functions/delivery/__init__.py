"""Delivery: orders for a door, from the packer's table over the courier to the customer, with a live page.

Owns: deliveries, delivery_actions, couriers, delivery_stores.
Hears: ANY /v1/deliveries, ANY /v1/couriers, ANY /v1/delivery-stores, order.placed, order.changed, order.cancelled,
    order.fulfilment_changed, member.forgotten.
Says: delivery.created, delivery.changed.
"""
