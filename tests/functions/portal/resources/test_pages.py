"""The pages, and the files beside them."""

import re

import pytest

from tests.support.orders import Caller


@pytest.mark.parametrize("path", ["/docs", "/forecast"])
def test_a_page_calls_only_its_own_origin(call: Caller, path: str) -> None:
    page = call("GET", path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert not re.search(r"unsafe|http|\*", policy)


@pytest.mark.parametrize("path", ["/docs", "/forecast"])
def test_the_scripts_of_a_page_are_inside_it(call: Caller, path: str) -> None:
    assert not re.search(r'<script src="\w+\.js">', call("GET", path).text)


def test_files_of_the_docs_are_cached_for_a_year_and_no_other_file_is_served(call: Caller) -> None:
    script = call("GET", "/docs/swagger-ui-bundle.js?v=1")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    for name in ("package.json", "..%2Fosls%2Fpackage.json", "swagger-ui.css.map"):
        assert call("GET", f"/docs/{name}").status == 404
