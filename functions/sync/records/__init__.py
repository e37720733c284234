"""Records that outside systems send: sales of tills and people of HR systems, as JSON and as CSV. Pure."""
