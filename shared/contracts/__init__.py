"""The contracts between concerns: messages, money, ids, stores, base models of requests and replies."""
