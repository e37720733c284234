"""Checks of an order against its store: form, price, charges and tax. Pure functions."""
