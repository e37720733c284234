"""Records of outside systems come in: by their API since a checkpoint, or by files."""
