"""Invoked by a test → a greeting, with what the emulator lends its workers."""

import os
from typing import Any

GREETING = "good evening"


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    return {"greeting": GREETING, "endpoint": os.environ["AWS_ENDPOINT_URL"], "pid": os.getpid()}
