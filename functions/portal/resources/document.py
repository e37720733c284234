"""GET /openapi.json: the API document of all concerns, written by `python -m generate.openapi`."""

import json
from functools import cache
from pathlib import Path

from shared.spine.http import Reply

FILE = Path(__file__).parents[1] / "openapi.json"


def get_openapi() -> Reply:
    """This document."""
    return Reply(FILE.read_text(encoding="utf-8"), headers={"Access-Control-Allow-Origin": "*"})


@cache
def methods_by_path() -> dict[str, list[str]]:
    """The methods of each path of all concerns."""
    paths = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    return {path: [method.upper() for method in operations] for path, operations in paths.items()}
