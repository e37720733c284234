"""Members as persons: enrolment, identities, consents, merges and erasure."""
