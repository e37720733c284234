"""GET /console and all below it: the built pages of web/console, which run in the browser."""

from pathlib import Path

from functions.portal.resources.built import FOREVER, MEDIA_TYPES, REVALIDATE, built_file, built_page
from shared.contracts.models import Query
from shared.spine.http import Reply

BUILT = Path(__file__).parents[3] / "build/web"
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
        return built_file(BUILT / path.view, REVALIDATE)
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
    return built_file(BUILT / "assets" / path.file, FOREVER)


def _page(folder: str) -> Reply:
    """The page. `folder` leads from its address to the folder of the console."""
    return built_page(BUILT / "index.html", "/console/", folder, HEADERS)
