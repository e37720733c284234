"""Files made from the sources: the flow table, the API document."""
