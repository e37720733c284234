"""The engine: intents, sending, confirmation, and search first where an answer is missing."""
