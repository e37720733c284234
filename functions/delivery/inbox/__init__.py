"""Messages about deliveries: who gets them, in which order, and what each recipient has read."""
