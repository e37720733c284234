"""When a timer needs a person."""
