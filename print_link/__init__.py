"""The print link between relay and agent: one definition of its frames, for both sides. Standard library only."""
