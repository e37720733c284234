"""Rounds of assignment: open deliveries and couriers of a chain, planned by `dispatch`, become offers."""
