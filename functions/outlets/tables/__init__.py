"""The tables of outlets."""
