"""Previews never confirm, and of many presses at once one does.

`DRILL_LOOKS=10000 DRILL_PRESSES=200` makes it long.
"""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlencode

from functions.outlets.resources.confirm import TokenPath, answer_order_page
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.chat.fake import FakeChat
from tests.support.drill_figures import note_figure
from tests.support.outlets import FORM, Outlets, ask, path_of

LOOKS = int(os.environ.get("DRILL_LOOKS", "240"))
PRESSES = int(os.environ.get("DRILL_PRESSES", "40"))
AT_ONCE = 20
# What chat services and mail scanners send when they look at a link. Safe Links names itself nowhere.
FETCHERS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1;line-poker/1.0",
    "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/)",
    "",
)


def link_of(outlets: Outlets, store: str, fake: FakeChat) -> str:
    """The path of the link in a new order's message."""
    before = len(fake.arrivals)
    outlets.place(store)
    [arrival] = fake.arrivals[before:]
    return path_of(arrival.links[0])


def test_looks_of_fetchers_confirm_nothing(outlets: Outlets, store: str, telegram: FakeChat) -> None:
    path = link_of(outlets, store, telegram)
    replies = set()
    for number in range(LOOKS):
        agent = FETCHERS[number % len(FETCHERS)]
        method = ("GET", "HEAD")[number // len(FETCHERS) % 2]
        replies.add(ask(method, path, headers={"user-agent": agent} if agent else {}).status)
    assert replies == {200}
    assert [notice["state"] for notice in outlets.notices()] == ["sent"]
    note_figure("looks.confirmed", 0, "orders", "= 0", f"{LOOKS} looks of {len(FETCHERS)} fetchers")


def test_form_that_a_scanner_submits_confirms_nothing(outlets: Outlets, store: str, telegram: FakeChat) -> None:
    path = link_of(outlets, store, telegram)
    nonce = nonce_of(path)
    for fields in ({}, {"nonce": nonce}, {"ready": "10"}, {"nonce": "other", "ready": "10"}):
        ask("POST", path, urlencode(fields).encode(), {"content-type": FORM})
    assert [notice["state"] for notice in outlets.notices()] == ["sent"]


def test_of_many_presses_at_once_one_confirms(
    outlets: Outlets,
    store: str,
    telegram: FakeChat,
    database: MariaDB,
    another_env: Callable[..., Environment],
) -> None:
    path = link_of(outlets, store, telegram)
    form = urlencode({"nonce": nonce_of(path), "ready": "10"}).encode()
    token = TokenPath(token=path.rpartition("/")[2])
    environments = [another_env(stage="local") for _ in range(AT_ONCE)]
    together = Barrier(AT_ONCE)

    def press(env: Environment) -> list[int]:
        together.wait()
        headers = {"Content-Type": FORM}
        return [answer_order_page(env, token, headers, form).status for _ in range(PRESSES // AT_ONCE)]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = [status for replies in pool.map(press, environments) for status in replies]
    assert statuses == [200] * PRESSES
    answered = [message for message in outlets.carry() if message["type"] == "outlet.order_answered"]
    assert len(answered) == 1
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT state FROM outlet_notices")
        assert cursor.fetchall() == (("confirmed",),)
        cursor.execute("SELECT COUNT(*) FROM messages WHERE type = 'outlet.order_answered'")
        assert cursor.fetchall() == ((1,),)
    note_figure("presses.confirmed", 1, "orders", "= 1", f"{PRESSES} presses at once")


def nonce_of(path: str) -> str:
    match = re.search('name="nonce" value="([^"]+)"', ask("GET", path).text)
    assert match
    return match[1]
