"""The SQL of members, one module for each aggregate."""
