"""An order as a timeline: its messages as steps, its two states, and its guest as far as the reader may see."""
