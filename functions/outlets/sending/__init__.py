"""Messages are claimed, sent within the windows of their robot, and their outcomes are stored."""
