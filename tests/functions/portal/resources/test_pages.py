"""The pages, and the files beside them."""

import re

from tests.support.orders import Caller


def test_a_page_calls_only_its_own_origin(call: Caller) -> None:
    page = call("GET", "/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert not re.search(r"unsafe|http|\*", policy)


def test_the_scripts_of_a_page_are_inside_it(call: Caller) -> None:
    assert not re.search(r'<script src="\w+\.js">', call("GET", "/docs").text)


def test_the_former_address_of_the_forecast_leads_to_the_console(call: Caller) -> None:
    page = call("GET", "/forecast")
    assert 'content="0; url=console/forecast"' in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_files_of_the_docs_are_cached_for_a_year_and_no_other_file_is_served(call: Caller) -> None:
    script = call("GET", "/docs/swagger-ui-bundle.js?v=1")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    for name in ("package.json", "..%2Fosls%2Fpackage.json", "swagger-ui.css.map"):
        assert call("GET", f"/docs/{name}").status == 404
