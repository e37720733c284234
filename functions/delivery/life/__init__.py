"""A delivery and its life, without a database: its facts, and what each action changes."""
