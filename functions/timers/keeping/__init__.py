"""The work of each minute: rules become as people decided, alerts begin and end."""
