"""The forecasting code: history, calendar and models. It is pure: it reads no database, no clock and no setting."""
