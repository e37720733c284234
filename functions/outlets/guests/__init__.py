"""Pushes to guests in WeChat: consents, texts, the rules that decide when, and the service's requests and replies."""
