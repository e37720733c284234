"""Signatures of requests to endpoints, by Standard Webhooks."""
