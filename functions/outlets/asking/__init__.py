"""Requests of outlets in their chats: commands, links that confirm, and pauses."""
