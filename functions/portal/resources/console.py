"""GET /console and all below it: the built pages of web/console, which run in the browser."""

from functools import cache
from pathlib import Path

from shared.contracts.models import Query
from shared.spine.errors import NotFound
from shared.spine.http import Reply

BUILT = Path(__file__).parents[3] / "build/web"
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
# The page runs only its own scripts and styles, talks only to its own host, and stands in no frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": REVALIDATE,
}


class ViewPath(Query):
    """A view of the console by its path, or a file that stands beside the page."""

    view: str


class PartPath(ViewPath):
    """A part of a view, such as one store."""

    part: str


class DetailPath(PartPath):
    """A detail of such a part."""

    detail: str


class AssetPath(Query):
    """A built file. The hash of its content is in its name."""

    file: str


def get_console() -> Reply:
    """The console for people. It asks who signs in."""
    return _page("console/")


def get_console_view(path: ViewPath) -> Reply:
    """A view of the console, or a file that stands beside the page."""
    if Path(path.view).suffix in MEDIA_TYPES:
        return _file(BUILT / path.view, REVALIDATE)
    return _page("./")


def get_console_part(path: PartPath) -> Reply:
    """A part of a view of the console. The page itself reads its address."""
    del path
    return _page("../")


def get_console_detail(path: DetailPath) -> Reply:
    """A detail of a part of a view of the console."""
    del path
    return _page("../../")


def get_console_asset(path: AssetPath) -> Reply:
    """A script or style of the console. A new version has a new address."""
    return _file(BUILT / "assets" / path.file, FOREVER)


def _page(folder: str) -> Reply:
    """The page. `folder` leads from its address to the folder of the console."""
    text = _text(BUILT / "index.html").replace('="/console/', f'="{folder}')
    return Reply(text, headers=dict(HEADERS), media_type="text/html; charset=utf-8")


def _file(file: Path, keep: str) -> Reply:
    media_type = MEDIA_TYPES.get(file.suffix)
    if media_type is None or not file.is_file():
        raise NotFound("no_such_file", "the console has no such file")
    body = file.read_bytes() if file.suffix == ".png" else _text(file)
    headers = {"Cache-Control": keep}
    if file.name == "worker.js":
        # Its scope begins at /console, which is above its folder.
        headers["Service-Worker-Allowed"] = "/"
    return Reply(body, headers=headers, media_type=media_type)


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
