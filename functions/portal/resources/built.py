"""Built pages, and the files that stand beside them, as a browser gets them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shared.spine.errors import NotFound
from shared.spine.http import Reply

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


def built_page(file: Path, address: str, folder: str, headers: Mapping[str, str]) -> Reply:
    """The page. `address` is the folder that its links name, `folder` leads there from the address of the page."""
    text = _text(file).replace(f'="{address}', f'="{folder}')
    return Reply(text, headers=dict(headers), media_type="text/html; charset=utf-8")


def built_file(file: Path, keep: str) -> Reply:
    """A file beside the page. Raises `NotFound`."""
    media_type = MEDIA_TYPES.get(file.suffix)
    if media_type is None or not file.is_file():
        raise NotFound("no_such_file", "the console has no such file")
    body = file.read_bytes() if file.suffix == ".png" else _text(file)
    headers = {"Cache-Control": keep}
    if file.name == "worker.js":
        # Its scope begins at the page's own address, which is above its folder.
        headers["Service-Worker-Allowed"] = "/"
    return Reply(body, headers=headers, media_type=media_type)


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
