"""GET /docs: the page of web/ with its scripts inside. GET /forecast leads to the console."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from shared.contracts.models import Query
from shared.spine.errors import NotFound
from shared.spine.http import Reply

ROOT = Path(__file__).parents[3]
WEB = ROOT / "web"
SWAGGER_UI = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
FOREVER = "public, max-age=31536000, immutable"

MOVED = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=console/forecast">
<title>Dumbwaiter</title>
<p><a href="console/forecast">The forecast is in the console.</a></p>
</html>
"""


class FilePath(Query):
    """A file by its name."""

    file: str


def get_forecast_page() -> Reply:
    """The former address of the forecast. It leads to the view of the console."""
    headers = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
    }
    return Reply(MOVED, headers=headers, media_type="text/html; charset=utf-8")


def get_docs() -> Reply:
    """A page that documents the API and sends requests with your key."""
    return page(WEB / "docs.html")


def get_docs_file(path: FilePath) -> Reply:
    """A script or style of the page /docs. A new version has a new address."""
    if path.file not in SWAGGER_UI:
        raise NotFound("no_such_file", "the page has no such file")
    text = (ROOT / "node_modules/swagger-ui-dist" / path.file).read_text(encoding="utf-8")
    return Reply(text, headers={"Cache-Control": FOREVER}, media_type=f"{SWAGGER_UI[path.file]}; charset=utf-8")


def page(file: Path) -> Reply:
    """A page of web/ with the scripts beside it inside. It runs only these, and calls only its own origin."""

    def script_of(tag: re.Match[str]) -> str:
        return f"<script>{(file.parent / tag[1]).read_text(encoding='utf-8')}</script>"

    text = re.sub(r'<script src="(\w+\.js)"></script>', script_of, file.read_text(encoding="utf-8"))
    policy = (
        f"default-src 'none'; script-src 'self' {_hashes('script', text)}; style-src 'self' {_hashes('style', text)}; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
    return Reply(text, headers=headers, media_type="text/html; charset=utf-8")


def _hashes(tag: str, text: str) -> str:
    """The hash of each element of this tag, in the form of a Content-Security-Policy."""
    elements = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(sha256(element.encode()).digest()).decode()}'" for element in elements)
