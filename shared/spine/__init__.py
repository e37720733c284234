"""The runtime of functions: entry, env, db, outbox, idempotency, http, aws, log, settings, errors, clock, auth."""
