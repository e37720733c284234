"""The SQL of stores, a module an aggregate."""
