"""The content for integrators: the public types of messages, and the fields of each."""
