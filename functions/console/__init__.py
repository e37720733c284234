"""The console of head office and stores: takings, printers, orders and alerts of a chain, live.

Owns: takings, takings_chain_hours, takings_hours, takings_days, alerts, live_tickets, live_connections, live_watches.
Hears: GET /v1/takings, ANY /v1/console, POST /v1/live/tickets, order.paid, order.refunded, order.payment_taken,
    order.placed, order.cancelled, order.fulfilment_changed, order.differs, day.closed,
    printing.printer_changed, printing.needs_person, print.job_resolved, printing.agent_online, printing.agent_offline,
    printing.agent_copied, forecast.ready, sync.system_failing, sync.system_recovered, sync.difference_found,
    job.changed, announcement.published, delivery.created, delivery.changed, delivery.message_posted,
    outlet.notice_changed, outlet.order_answered, outlet.escalated, outlet.robot_failing, outlet.robot_recovered,
    timer.changed, timer.late, timer.hanging, timer.failing, timer.recovered, $connect, $disconnect, $default.
Says: nothing.
"""
