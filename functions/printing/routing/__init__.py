"""Which station prints which lines of an order, and when. Pure."""
