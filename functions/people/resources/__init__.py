"""HTTP resources of people, a module each: requests, replies, views."""
