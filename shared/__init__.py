"""What every function stands on."""

import os

# pydantic looks for plugins of its own in every installed package's metadata: 35 ms of a cold start, and we have none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
