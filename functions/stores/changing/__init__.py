"""Changes of a store that a message asks for. Pure functions."""
