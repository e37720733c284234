"""Settings, opening hours, menus and sold-out lists of stores.

Owns: stores, store_versions.
Hears: ANY /v1/stores.
Says: nothing.
"""
