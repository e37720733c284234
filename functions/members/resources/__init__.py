"""The HTTP resources of members: requests, replies and views, one module a resource."""
