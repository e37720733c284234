"""BillChanges of an open bill: rounds, voids, splits, merges, equal shares. Pure functions."""
