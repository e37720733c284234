"""People who sign in to the console: their accounts, sessions and roles, and the record of what they did.

Owns: people, person_factors, person_links, recovery_codes, role_assignments, sign_in_attempts.
Hears: ANY /v1/audit, ANY /v1/clients, ANY /v1/links, ANY /v1/people, ANY /v1/session, ANY /v1/sessions, rate(1 hour).
Says: nothing.
"""
