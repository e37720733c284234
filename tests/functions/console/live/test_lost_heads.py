"""A page that misses a head is hung up on alone; and of too many pages of one client the oldest goes."""

import pytest

from functions.console.live import push
from tests.functions.console.conftest import Console, Page
from tests.functions.console.live.test_connections import order_placed


@pytest.mark.parametrize("answer", [503, 429, 413])
def test_one_connection_that_misses_its_heads_ends_and_the_others_hear(console: Console, answer: int) -> None:
    pages = [console.page().connect() for _ in range(3)]
    for page in pages:
        page.watch("orders")
    _, middle, _ = pages
    console.gateway.answers[middle.connection] = answer
    console.announce(order_placed("s1"))
    assert [page.heads() for page in pages if page is not middle] == [[("orders", "order.placed", "s1")]] * 2
    assert console.gateway.hung_up == [middle.connection]
    assert middle.connection not in {row[0] for row in console.rows("SELECT id FROM live_connections")}


def test_a_gateway_that_answers_nobody_costs_seconds_and_every_page_connects_again(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "MOST_SECONDS_LOST", 0.0)
    pages = [console.page().connect() for _ in range(3)]
    for page in pages:
        page.watch("orders")
        console.gateway.answers[page.connection] = 503
    console.announce(order_placed("s1"))
    assert len(console.gateway.hung_up) == 1
    console.gateway.answers.clear()
    forgotten = [page for page in pages if page.connection not in console.gateway.hung_up]
    assert [page.say("ping") for page in forgotten] == [{"kind": "bye", "code": "forgotten"}] * 2
    assert {page.connection for page in pages} == set(console.gateway.hung_up)


def test_of_too_many_connections_of_a_client_the_oldest_goes(console: Console) -> None:
    office, other = console.page(), console.page().connect()
    pages = []
    for _ in range(20):
        console.wait(seconds=1)
        pages.append(Page(console, office.call).connect())
    assert console.gateway.hung_up == []
    for number in range(2):
        console.wait(seconds=1)
        newest = Page(console, office.call).connect()
        assert pages[number].heard() == [{"kind": "bye", "code": "too_many"}]
        assert newest.say("ping")["kind"] == "pong"
    assert console.gateway.hung_up == [page.connection for page in pages[:2]]
    assert other.say("ping")["kind"] == pages[2].say("ping")["kind"] == "pong"
    assert console.rows("SELECT COUNT(*) FROM live_connections") == [(21,)]
