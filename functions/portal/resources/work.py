"""GET /work and all below it: the built pages of web/work, with which packers and couriers work."""

from pathlib import Path
from urllib.parse import urlsplit

from functions.portal.resources import console
from functions.portal.resources.built import FOREVER, REVALIDATE, built_file, built_page
from functions.portal.resources.console import AssetPath
from shared.contracts.models import Query
from shared.spine.aws.calls import service_address
from shared.spine.env import Environment
from shared.spine.http import Reply

BUILT = Path(__file__).parents[3] / "build/work"
HEADERS = console.HEADERS | {"Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()"}


class WorkFilePath(Query):
    """A file that stands beside the page."""

    file: str


def get_work(env: Environment) -> Reply:
    """The page of packers and couriers. It asks who signs in."""
    return built_page(BUILT / "index.html", "/work/", "work/", _headers(env))


def get_work_file(path: WorkFilePath) -> Reply:
    """A file that stands beside the page."""
    return built_file(BUILT / path.file, REVALIDATE)


def get_work_asset(path: AssetPath) -> Reply:
    """A script or style of the page. A new version has a new address."""
    return built_file(BUILT / "assets" / path.file, FOREVER)


def _headers(env: Environment) -> dict[str, str]:
    """The headers of the console, with camera and location. Photos go to the storage itself."""
    storage = urlsplit(service_address(env.settings, "s3"))
    policy = console.POLICY.replace("connect-src 'self'", f"connect-src 'self' {storage.scheme}://{storage.netloc}")
    return HEADERS | {"Content-Security-Policy": policy}
