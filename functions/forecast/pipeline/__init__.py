"""The path of a run around the engine: inputs, model sets in object storage, and the life of the run."""
