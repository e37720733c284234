"""What surrounds the engine in a run: its inputs, its model sets in object storage, and the life of the run."""
