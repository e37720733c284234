"""The SQL of the console, a module an aggregate."""
