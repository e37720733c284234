"""A client of the Dumbwaiter API: signed requests, safe repetition, problems as exceptions."""

from dumbwaiter_client.client import Client
from dumbwaiter_client.errors import NoReply, Problem, RegionSuperseded

__all__ = ["Client", "NoReply", "Problem", "RegionSuperseded"]
