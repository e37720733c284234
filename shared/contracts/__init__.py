"""What concerns agree on: messages, money, ids, stores, base models of requests and replies."""
