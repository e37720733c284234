"""HTTP resources of orders, a module each: requests, replies, views."""
