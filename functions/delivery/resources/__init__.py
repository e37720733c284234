"""HTTP resources of delivery, a module each: requests, replies, views."""
