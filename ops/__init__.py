"""The operator's tools, for a stage in the cloud and for the stack on one machine."""
