"""Money of orders: the account of an order, refunds by line, and the report of a day. Pure functions."""
