"""The forecasting engine. It is pure: it reads no database, no clock and no environment.

Rooms: `data` has the inputs, `holidays` the holiday calendar and effects, `signals` the values that models learn from,
and `models` the ensemble. `explain` and `reasons` attribute a forecast; `predict` makes it.
"""
