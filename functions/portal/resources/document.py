"""GET /openapi.json: the API document of all concerns, written by `python -m generate.openapi`."""

from pathlib import Path

from shared.spine.http import Reply

FILE = Path(__file__).parents[1] / "openapi.json"


def get_openapi() -> Reply:
    """This document."""
    return Reply(FILE.read_text(encoding="utf-8"), headers={"Access-Control-Allow-Origin": "*"})
