"""People who sign in to the console: their accounts, sessions and roles, and the record of what they did.

Owns: identity_providers, passkey_challenges, passkeys, people, person_factors, person_links, provider_identities,
    provider_sign_ins, recovery_codes, role_assignments, sign_in_attempts.
Hears: ANY /v1/audit, ANY /v1/clients, ANY /v1/identity-provider, ANY /v1/links, ANY /v1/people, ANY /v1/session,
    ANY /v1/sessions, invoke, rate(1 hour).
Says: nothing.
"""
