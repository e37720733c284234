"""Tickets and the way to paper: a paid order is paper in the right store, or somebody knows that it is not."""
