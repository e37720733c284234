"""HTTP resources of the portal, a module each."""
