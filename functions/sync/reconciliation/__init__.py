"""Reconciliation: both systems' own answers are compared by store, business day and tender, to the cent."""
