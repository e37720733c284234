"""GET /d/{link}: the customer's page, and its script and style."""

from functools import cache
from pathlib import Path
from typing import Literal

from functions.delivery.creation.link import hash_of
from functions.delivery.resources.customer import LinkPath
from functions.delivery.tables.deliveries import read_by_link
from functions.delivery.tables.stores import read_store
from shared.contracts.models import Query
from shared.spine.env import Environment
from shared.spine.http import Reply

FOLDER = Path(__file__).parents[1] / "page"
MEDIA_TYPES = {"page.js": "text/javascript; charset=utf-8", "page.css": "text/css; charset=utf-8"}
# The page runs its own script alone, talks to its own host, stands in no frame, and tells nobody its address.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


class PageFilePath(Query):
    """The script or the style of the page."""

    file: Literal["page.js", "page.css"]


def get_customer_page(env: Environment, path: LinkPath) -> Reply:
    """The page. Its script asks for the delivery. Its policy lets it load the store's map tiles, where it has some."""
    with env.db.transaction() as transaction:
        delivery = read_by_link(transaction, hash_of(path.link))
        tiles = read_store(transaction, delivery.store).map_tiles if delivery and not delivery.is_hidden else None
    policy = f"{POLICY}; img-src {tiles.origin}" if tiles else POLICY
    headers = HEADERS | {"Content-Security-Policy": policy}
    return Reply(_text("page.html"), headers=headers, media_type="text/html; charset=utf-8")


def get_customer_page_file(env: Environment, path: PageFilePath) -> Reply:
    """A file of the page."""
    del env
    headers = {"Cache-Control": "public, max-age=300"}
    return Reply(_text(path.file), headers=headers, media_type=MEDIA_TYPES[path.file])


@cache
def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
