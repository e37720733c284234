"""What an integrator may read: the public types of messages, and the fields of each."""
