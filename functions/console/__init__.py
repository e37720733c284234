"""The page at head office: takings and orders as they come."""
