"""Adapters: one module for each kind of outside system. docs/develop/add-a-system.md shows how to add one."""
