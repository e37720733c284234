"""The SQL of people, a module an aggregate."""
