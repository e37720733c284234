"""The OpenID provider of a chain: requests to it, and the check of what it says."""
