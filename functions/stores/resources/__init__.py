"""HTTP resources of stores, a module each: requests, replies, views."""
