"""Bookings of outside fleets: when a fleet is asked, how a trip is made and followed, and how it is cancelled."""
