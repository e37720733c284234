"""Numbers of a store: how many deliveries came, in time or late, and how long each stage took."""
