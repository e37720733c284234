"""What every function stands on: spine (the runtime), contracts (the common language), kit (small shared machines)."""
