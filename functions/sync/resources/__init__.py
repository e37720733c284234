"""The HTTP resources of sync."""
