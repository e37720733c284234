"""The tags, one module a tag."""
