"""Health: robots and chats are watched, and the operations chat hears of it."""
