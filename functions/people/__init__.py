"""People who sign in to the console: their accounts, sessions and roles, and the record of what they did.

Owns: people, role_assignments.
Hears: ANY /v1/session, ANY /v1/sessions.
Says: nothing.
"""
