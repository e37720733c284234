"""HTTP resources of timers, a module each: requests, replies, views."""
