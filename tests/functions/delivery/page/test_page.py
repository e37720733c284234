"""The customer's page stands alone: it loads nothing from other hosts."""

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
