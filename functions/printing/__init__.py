"""Print jobs: a paid order is printed in the right store, or a person is alerted.

Owns: print_enrolments, print_agents, print_nonces, print_connections, print_stores, print_printers, print_orders,
    print_jobs, print_plans, print_versions.
Hears: ANY /v1/printing, order.placed, order.changed, order.closed, order.paid, order.cancelled,
    day.closed, $connect, $disconnect, $default, rate(1 minute).
Says: print.order_planned, print.job_queued, print.job_printed, print.job_failed, print.job_unknown,
    print.job_expired, print.job_cancelled, print.job_resolved, printing.agent_online, printing.agent_offline,
    printing.agent_copied, printing.printer_changed, printing.needs_person.
"""
