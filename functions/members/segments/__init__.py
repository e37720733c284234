"""Segments: the members that match an expression over tags, counted by bitmaps and exported to files."""
