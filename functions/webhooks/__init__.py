"""Webhooks: integrators subscribe to messages about orders, stores and menus; each is signed, sent and retried.

Owns: webhook_deliveries, webhook_endpoints, webhook_secrets.
Hears: ANY /v1/webhooks, menu.changed, order.cancelled, order.changed, order.closed, order.differs,
    order.fulfilment_changed, order.metadata_changed, order.paid, order.payment_taken, order.placed, order.refunded,
    order.reopened, store.changed, webhook.disabled, webhook.redelivery_requested, webhook.tested, invoke, rate(1 hour),
    rate(1 minute).
Says: webhook.disabled, webhook.redelivery_requested, webhook.tested.
"""
