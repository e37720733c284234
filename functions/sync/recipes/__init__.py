"""Recipes, stock items and units: how much stock a sale uses up. Pure modules."""
