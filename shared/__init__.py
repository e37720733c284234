"""What every function stands on: entry, messages, outbox, db, auth, settings, errors, clock, money, log."""
