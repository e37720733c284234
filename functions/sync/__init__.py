"""Sync: sales, stock, prices and people move between us and the chain's other systems, and agree to the cent.

Owns: sync_codes, sync_days, sync_documents, sync_employees, sync_files, sync_flows, sync_items, sync_levels,
    sync_mail_senders, sync_marks, sync_recipes, sync_reconciliations, sync_refused_records, sync_sales,
    sync_stock_items, sync_stock_records, sync_systems, sync_units.
Hears: ANY /v1/sync, sale.placed, sale.refused, sync.file_dropped, sync.run_unfinished, invoke, rate(1 hour),
    rate(5 minutes).
Says: stock.cancelled, stock.recorded, sync.difference_found, sync.file_dropped, sync.items_pulled,
    sync.run_unfinished, sync.sale_pulled, sync.stock_pulled, sync.store_items_pulled,
    sync.system_failing, sync.system_recovered.
"""
