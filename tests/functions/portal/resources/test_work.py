"""The page of packers and couriers as the portal serves it, from the build."""

import gzip
import json
import re
import subprocess

import pytest

from functions.portal.resources.work import BUILT
from tests.support.orders import Caller
from tests.support.paths import ROOT

FIRST_PAGE_BYTES = 100_000


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    subprocess.run(["node", "web/build.mjs"], cwd=ROOT, check=True)


def test_the_page_finds_its_files_beside_it(call: Caller) -> None:
    page = call("GET", "/work")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(addresses) > 3
    assert all(address.startswith("work/") for address in addresses)
    for address in addresses:
        if not address.endswith(".png"):  # the support reads texts alone
            assert call("GET", f"/{address}").status == 200
    assert call("GET", "/work/assets/none.js").status == 404


def test_the_policy_lets_pictures_out_to_the_storage_alone(call: Caller) -> None:
    page = call("GET", "/work")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    own, storage = policy["connect-src"].split()
    assert (own, storage.count("/")) == ("'self'", 2)
    assert "*" not in storage
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|style=", page.text)


def test_camera_and_place_are_allowed_here_and_not_in_the_console(call: Caller) -> None:
    work, console = (call("GET", path).headers["permissions-policy"] for path in ("/work", "/console"))
    assert work.startswith("camera=(self), geolocation=(self), microphone=()")
    assert console.startswith("camera=(), geolocation=(), microphone=()")


def test_it_can_be_installed_on_a_phone(call: Caller) -> None:
    manifest = json.loads(call("GET", "/work/manifest.webmanifest").text)
    assert (manifest["display"], manifest["start_url"]) == ("standalone", "../work")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert call("GET", "/work/worker.js").headers["service-worker-allowed"] == "/"


def test_the_first_page_has_less_than_100_kb_compressed() -> None:
    first = json.loads((BUILT / "first.json").read_text())
    assert sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in first) < FIRST_PAGE_BYTES
