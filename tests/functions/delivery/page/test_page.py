"""The customer's page stands alone: it loads nothing from other hosts but map tiles, where its store has some."""

from typing import Any

import pytest

from tests.functions.delivery.resources.test_customer import link_of
from tests.functions.delivery.resources.test_positions import unsigned
from tests.support.deliveries import World


def test_the_page_runs_its_own_script_alone(world: World) -> None:
    page = unsigned("GET", f"/d/{link_of(world, world.place())}")
    assert page.status == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "<script>" not in page.text
    assert unsigned("GET", "/d/assets/page.js").status == 200
    assert unsigned("GET", "/d/assets/page.html").status == 422


TILES = {"url": "https://tiles.example:8443/v1/{z}/{x}/{y}.png?key=a-1", "attribution": "© Maps", "most_zoom": 17}


def put_tiles(world: World, tiles: Any) -> int:
    body = {"chain": "demo", "lat": 52.0, "lon": 13.0, "map_tiles": tiles}
    return world.desk("PUT", f"/v1/delivery-stores/{world.store}", body).status


def policy_of(link: str) -> str:
    return str(unsigned("GET", f"/d/{link}").headers["content-security-policy"])


def test_map_tiles_are_a_setting_of_the_store(world: World) -> None:
    link = link_of(world, world.place())
    assert "img-src" not in policy_of(link)
    assert unsigned("GET", f"/v1/tracks/{link}").json["map_tiles"] is None
    assert put_tiles(world, TILES) == 200
    assert policy_of(link).endswith("; img-src https://tiles.example:8443")
    assert "img-src" not in policy_of("A" * 22), "another's page is as before"
    assert unsigned("GET", f"/v1/tracks/{link}").json["map_tiles"] == TILES
    assert put_tiles(world, None) == 200
    assert "img-src" not in policy_of(link)


@pytest.mark.parametrize(
    "url",
    [
        "http://tiles.example/{z}/{x}/{y}.png",
        "https://{z}.example/{x}/{y}.png",
        "https://tiles.example/{z}/{x}.png",
        "https://tiles.example/{z}/{x}/{y}/{s}.png",
        "https://tiles.example/{z}/{x}/{y}/{y}.png",
        "https://a@tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example; script-src *//{z}/{x}/{y}.png",
        "https://tiles.example/{z}/{x}/{y}.png\n",
        "https://*/{z}/{x}/{y}.png",
    ],
)
def test_a_template_that_could_loosen_the_policy_is_refused(world: World, url: str) -> None:
    assert put_tiles(world, TILES | {"url": url}) == 422
