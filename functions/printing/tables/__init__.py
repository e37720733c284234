"""The SQL of printing, by aggregate."""
