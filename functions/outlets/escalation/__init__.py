"""Steps that follow when an outlet does not answer."""
