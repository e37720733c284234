"""The calculator runs a tag's function over facts, by the rules of the chain, and writes the value."""
