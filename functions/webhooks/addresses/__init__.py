"""Addresses of endpoints: which URLs and which networks a request may go to."""
