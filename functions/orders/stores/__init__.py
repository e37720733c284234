"""Restaurants: settings, opening hours, menus and sold-out lists.

Owns: stores, store_versions.
Hears: ANY /v1/stores.
Says: nothing.
"""
