"""Messages are queued for the chats of outlets and for people."""
