"""Small machines that more than one concern needs."""
