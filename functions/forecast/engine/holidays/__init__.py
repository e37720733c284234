"""Holidays: the calendar of a country, holiday effects and holiday closures."""
