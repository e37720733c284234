"""The HTTP resources of outlets."""
