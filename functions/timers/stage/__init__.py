"""The timers of the stage, as the rules in EventBridge describe them."""
