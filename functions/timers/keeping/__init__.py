"""What the stage does with timers each minute: rules as decided, alerts that begin and end."""
