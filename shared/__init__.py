"""The base of every function: spine (the runtime), contracts (the common language), kit (small shared machines)."""
