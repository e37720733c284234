"""Orders: priced by the store's menu, stored once, announced; their payments, refunds and fulfilment.

Owns: orders, order_changes, payments, refunds, pickup_numbers, erased_orders, day_closes, sale_corrections, stock,
    stock_revisions, slot_counts.
Hears: ANY /v1/orders, ANY /v1/days, ANY /v1/guest-tokens, ANY /v1/stock, GET /v1/slots, member.forgotten,
    sync.sale_pulled, delivery.changed, outlet.order_answered.
Says: order.placed, order.differs, order.payment_taken, order.paid, order.cancelled, order.refunded,
    order.fulfilment_changed, order.changed, order.closed, order.reopened, order.metadata_changed, day.closed,
    sale.placed, sale.refused.
"""
