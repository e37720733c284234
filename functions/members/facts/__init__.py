"""Facts: the purchases of a member as running totals, from which tags are computed."""
