"""The confirm page: previews change nothing, one press confirms, and a token is for one version of one order."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from functions.outlets.notices import links
from functions.outlets.resources.confirm import TokenPath, answer_order_page
from tests.simulators.chat.fake import FakeChat
from tests.support.outlets import FORM, Outlets, ask, path_of, submit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
KEYS = ["bmV3", "b2xk"]
NOTICE = "01KAJX5T5MPA1DW8Q2H4J6K8M0"
FETCHERS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1;line-poker/1.0",
    "DingTalkBot-LinkService/1.0",
    "",
)


@pytest.fixture
def link(outlets: Outlets, telegram: FakeChat, store: str) -> str:
    outlets.place(store)
    return path_of(telegram.arrivals[0].links[0])


def test_previews_confirm_nothing_and_burn_no_link_next_auth_1840_ghost_12347(outlets: Outlets, link: str) -> None:
    for agent in FETCHERS:
        for method in ("GET", "HEAD"):
            assert ask(method, link, headers={"user-agent": agent}).status == 200
    assert outlets.notices()[0]["state"] == "sent"
    assert submit(link, ready="20").status == 200


def test_a_scanner_that_sends_the_form_confirms_nothing_fusionauth_2922(outlets: Outlets, link: str) -> None:
    """It presses no button."""
    assert submit(link).status == 422
    assert submit(link, reason="sold_out").status == 422
    assert outlets.notices()[0]["state"] == "sent"


def test_a_post_without_the_nonce_of_the_page_confirms_nothing(outlets: Outlets, link: str) -> None:
    for nonce in ("", "1.x", f"{int(datetime.now(UTC).timestamp())}.{'A' * 24}"):
        body = urlencode({"nonce": nonce, "ready": "20"}).encode()
        assert ask("POST", link, body, {"content-type": FORM}).status == 422
    assert ask("POST", link, b'{"ready":"20"}', {"content-type": "application/json"}).status == 422
    assert outlets.notices()[0]["state"] == "sent"


def test_a_second_press_says_when_it_was_confirmed(outlets: Outlets, link: str) -> None:
    first, second = submit(link, ready="20"), submit(link, ready="45")
    assert (first.status, second.status) == (200, 200)
    assert "Ready in 20 minutes." in second.text
    assert outlets.notices("&state=confirmed")[0]["ready_minutes"] == 20


def test_an_unknown_token_is_not_found(outlets: Outlets, link: str) -> None:
    for path in (f"{link}x", link[:-1], "/outlets/confirm/x", link.replace(".1.", ".2.", 1)):
        assert ask("GET", path).status == 404
    assert outlets.notices()[0]["state"] == "sent"


def test_the_page_of_an_older_version_says_so_and_confirms_nothing(
    outlets: Outlets, telegram: FakeChat, store: str
) -> None:
    order = outlets.place(store, payments=[], open=True)
    old = path_of(telegram.arrivals[0].links[0])
    round_two = {"add": [{"item": "cola", "quantity": 1, "unit_price": 300}]}
    assert outlets.orders("POST", f"/v1/orders/{order}/changes", round_two).status == 200
    outlets.carry()
    assert ask("GET", old).status == 409
    assert submit(old, ready="20").status == 409
    [notice] = outlets.notices()
    assert notice["version"] == 2
    time.sleep(1.2)  # Telegram takes one message a second in a chat.
    outlets.look()
    assert telegram.arrivals[-1].text.startswith("CHANGED ORDER")
    assert submit(path_of(telegram.arrivals[-1].links[0]), ready="20").status == 200


def test_of_simultaneous_presses_one_confirms(outlets: Outlets, link: str, another_env: object) -> None:
    made = [another_env(stage="local") for _ in range(8)]  # type: ignore[operator]
    token = link.rpartition("/")[2]
    nonce = links.new_nonce(outlets.env.keyring(), token, outlets.env.clock())
    begin = threading.Barrier(8)

    def press(number: int) -> int:
        begin.wait()
        for _ in range(5):
            raw = urlencode({"nonce": nonce, "ready": ["10", "20", "30", "45"][number % 4]}).encode()
            answer_order_page(made[number], TokenPath(token=token), {"Content-Type": FORM}, raw)
        return number

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(press, range(8))) == list(range(8))
    answers = [message for message in outlets.carry() if message["type"] == "outlet.order_answered"]
    assert len(answers) == 1


def test_a_token_is_of_one_purpose_one_version_and_one_key() -> None:
    token = links.confirm_token(KEYS, NOTICE, 3, NOW)
    claim = links.read_token(KEYS, token, NOW)
    assert (claim.notice, claim.version, claim.expired) == (NOTICE, 3, False)
    assert links.read_token(["bmV3ZXI=", *KEYS], token, NOW).version == 3
    assert links.read_token(KEYS, token, NOW + timedelta(hours=36)).expired
    for bad in (token.replace(".3.", ".4."), token[:-1] + ("A" if token[-1] != "A" else "B"), "", "a.b", token * 3):
        with pytest.raises(links.BadToken):
            links.read_token(KEYS, bad, NOW)
    with pytest.raises(links.BadToken):
        links.read_token(["b3RoZXI="], token, NOW)
    # A nonce is no token, and a token no nonce.
    assert not links.is_fresh(KEYS, token, token, NOW)


def test_a_nonce_is_for_one_token_and_half_an_hour() -> None:
    nonce = links.new_nonce(KEYS, "token", NOW)
    assert links.is_fresh(KEYS, "token", nonce, NOW + timedelta(minutes=30))
    assert not links.is_fresh(KEYS, "token", nonce, NOW + timedelta(minutes=30, seconds=1))
    assert not links.is_fresh(KEYS, "other", nonce, NOW)


def test_a_form_of_very_many_fields_confirms_nothing(outlets: Outlets, link: str) -> None:
    body = "&".join(f"f{number}=1" for number in range(50)).encode()
    assert ask("POST", link, body, {"content-type": FORM}).status == 422
    assert outlets.notices()[0]["state"] == "sent"
