"""The limits of a manager of people or API keys: the rights that the manager has, within the same scope. Pure."""
