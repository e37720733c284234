"""HTTP resources of the console, a module each: requests, replies, views."""
