"""The tables of delivery, and what it reads from views of others."""
