"""Alerts that wait for a person: which message opens one, which ends it, and the one button of each kind."""
