"""Live updates: what a page watches, which changes it may see, and the frames between page and console."""
