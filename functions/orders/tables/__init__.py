"""The SQL of orders, a module an aggregate."""
