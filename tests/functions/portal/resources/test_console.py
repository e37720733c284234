"""The pages of the console as the portal serves them, from the build."""

import gzip
import json
import re
import subprocess
from urllib.parse import urljoin

import pytest

from functions.portal.resources.console import BUILT, ViewPath, get_console_view
from tests.support.orders import Caller
from tests.support.paths import ROOT

FIRST_PAGE_BYTES = 300_000


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    subprocess.run(["node", "web/build.mjs"], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("/console", "console/"),
        ("/console/today", "./"),
        ("/console/orders/01J", "../"),
        ("/console/fleet/s1/kitchen", "../../"),
    ],
)
def test_each_address_of_a_view_is_the_page_with_its_files_in_one_folder(call: Caller, path: str, folder: str) -> None:
    page = call("GET", path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(addresses) > 4
    assert all(address.startswith(folder) for address in addresses)


@pytest.mark.parametrize(
    ("path", "location"),
    [("/console/", "../console"), ("/console/orders/", "../orders"), ("/work/", "../work"), ("/docs/", "../docs")],
)
def test_a_slash_at_the_end_leads_to_the_page(call: Caller, path: str, location: str) -> None:
    reply = call("GET", path)
    assert (reply.status, reply.headers["location"]) == (308, location)
    assert urljoin(f"https://gateway.example/folder{path}", location) == f"https://gateway.example/folder{path[:-1]}"


@pytest.mark.parametrize("path", ["/v1/orders/", "/console//", "//console/", "/consoles/"])
def test_no_other_path_is_led_elsewhere(call: Caller, path: str) -> None:
    assert call("GET", path).status == 404


def test_the_policy_allows_no_inline_code_no_other_host_and_no_frame(call: Caller) -> None:
    page = call("GET", "/console")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"unsafe|http|\*|wss?:", page.headers["content-security-policy"])
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|style=", page.text)
    assert page.headers["referrer-policy"] == "no-referrer"


def test_a_file_with_a_hash_in_its_name_is_kept_for_ever_and_the_page_is_asked_again(call: Caller) -> None:
    names = [file.name for file in (BUILT / "assets").iterdir()]
    assert names
    assert all(re.fullmatch(r"[a-z]+-[0-9A-Z]{8}\.(js|css)", name) for name in names)
    asset = call("GET", f"/console/assets/{names[0]}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/console", "/console/today", "/console/worker.js", "/console/manifest.webmanifest"):
        assert call("GET", path).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/console/assets/none.js", "/console/assets/..", "/console/first.js"])
def test_a_file_that_is_not_there_is_not_found(call: Caller, path: str) -> None:
    assert call("GET", path).status == 404


@pytest.mark.parametrize(
    "path", ["/console/first.json", "/console/assets/..%2F..%2Fopenapi.json", "/console/..%2F..%2Fpackage.js"]
)
def test_a_path_leads_to_no_file_of_another_folder(call: Caller, path: str) -> None:
    answer = call("GET", path)
    assert answer.status == 404 or answer.text.startswith("<!doctype html>")


def test_the_console_can_be_installed_on_a_phone(call: Caller) -> None:
    manifest = json.loads(call("GET", "/console/manifest.webmanifest").text)
    assert manifest["display"] == "standalone"
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert any(icon.get("purpose") == "maskable" for icon in manifest["icons"])
    for icon in manifest["icons"]:
        assert get_console_view(ViewPath(view=icon["src"])).media_type == icon["type"]


def test_the_first_page_has_less_than_300_kb_compressed() -> None:
    """Scripts and styles before the first view, and the largest view with all that it loads, plots too."""
    first = json.loads((BUILT / "first.json").read_text())
    later = [f"assets/{file.name}" for file in (BUILT / "assets").iterdir() if f"assets/{file.name}" not in first]
    sizes = {name: len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in [*first, *later]}
    assert sum(sizes[name] for name in first) < FIRST_PAGE_BYTES / 4
    plots = sum(size for name, size in sizes.items() if "plots" in name)
    views = max(size for name, size in sizes.items() if "plots" not in name and name in later)
    assert sum(sizes[name] for name in first) + plots + views < FIRST_PAGE_BYTES
