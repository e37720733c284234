"""The customer lifetime value (CLV) model: its formulas, and its fit."""
