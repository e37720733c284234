"""Settings, opening hours, menus and sold-out lists of stores, and menus of chains.

Owns: stores, store_versions, store_job_marks, chain_menus, menu_source_marks, menu_versions,
    menu_withdrawn_items, store_withdrawn_items.
Hears: ANY /v1/stores, ANY /v1/menus, job.items_due, outlet.change_confirmed, outlet.pause_changed,
    sync.items_pulled, sync.stock_pulled, sync.store_items_pulled.
Says: store.changed, menu.changed.
"""
