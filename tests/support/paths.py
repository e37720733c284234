"""Folders of the checkout."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Enough to run `python -m dumbwaiter_agent` without installing it.
AGENT_PATH = os.pathsep.join((str(ROOT / "agent"), str(ROOT)))
