"""An order as a timeline: its messages as steps, and its two states."""
