"""Signals: baseline, week regimes, the panel, and the features of a row."""
