"""Fixes of couriers, from any source, become places and tracks."""
