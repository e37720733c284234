"""A real Synapse: keys of transactions, receipts, reactions, left rooms and previews, as the channel must meet them."""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from tests.simulators.http_system import Answer, HttpSystem, Request
from tests.support.synapse import MISSING, Synapse, User, installed, synapse

pytestmark = pytest.mark.skipif(not installed(), reason=MISSING)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with synapse(tmp_path_factory.mktemp("matrix")) as matrix:
        yield matrix


@pytest.fixture(scope="module")
def robot(server: Synapse) -> User:
    return server.user("robot")


@pytest.fixture(scope="module")
def owner(server: Synapse) -> User:
    return server.user("owner")


def test_same_transaction_shows_a_message_once(robot: User, owner: User) -> None:
    room = robot.make_room(owner)
    path = f"/rooms/{quote(room)}/send/m.room.message/notice-12"
    events = {robot.call("PUT", path, {"msgtype": "m.text", "body": "Order 12"})["event_id"] for _ in range(3)}
    assert len(events) == 1
    assert owner.texts(room) == ["Order 12"]


def test_reaction_and_receipt_name_the_person(robot: User, owner: User) -> None:
    room = robot.make_room(owner)
    event = robot.write(room, "Order 13")
    owner.react(room, event, "✅")
    owner.read(room, event)
    joined = robot.call("GET", "/sync", timeout="0")["rooms"]["join"][room]
    reactions = [item for item in joined["timeline"]["events"] if item["type"] == "m.reaction"]
    assert [(item["sender"], item["content"]["m.relates_to"]["event_id"]) for item in reactions] == [(owner.id, event)]
    receipts = [item["content"] for item in joined["ephemeral"]["events"] if item["type"] == "m.receipt"]
    assert owner.id in receipts[0][event]["m.read"]


def test_empty_room_answers_200_and_only_its_members_tell(robot: User, owner: User) -> None:
    room = robot.make_room(owner)
    owner.leave(room)
    assert robot.write(room, "Order 14")
    assert list(robot.call("GET", f"/rooms/{quote(room)}/joined_members")["joined"]) == [robot.id]


def test_robot_that_was_removed_gets_403(robot: User, owner: User) -> None:
    room = owner.make_room(robot)
    owner.call("POST", f"/rooms/{quote(room)}/kick", {"user_id": robot.id})
    with pytest.raises(httpx.HTTPStatusError) as refused:
        robot.write(room, "Order 15")
    assert refused.value.response.status_code == 403
    assert refused.value.response.json()["errcode"] == "M_FORBIDDEN"


def test_message_over_64_kilobytes_gets_413(robot: User, owner: User) -> None:
    room = robot.make_room(owner)
    with pytest.raises(httpx.HTTPStatusError) as refused:
        robot.write(room, "a" * 66_000)
    assert (refused.value.response.status_code, refused.value.response.json()["errcode"]) == (413, "M_TOO_LARGE")


def test_unknown_token_gets_401(server: Synapse) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        User("@other:chat.test", "no-token", server.url).call("GET", "/account/whoami")
    assert (refused.value.response.status_code, refused.value.response.json()["errcode"]) == (401, "M_UNKNOWN_TOKEN")


class Page(HttpSystem):
    """A page that keeps how it was visited."""

    def __init__(self) -> None:
        super().__init__()
        self.methods: list[str] = []

    def respond(self, request: Request) -> Answer:
        self.methods.append(request.method)
        return Answer(200, b"<html><head><title>Order 12</title></head><body>1 x Ramen</body></html>", kind="text/html")


def test_preview_is_a_get_of_the_page(server: Synapse, robot: User) -> None:
    with Page() as page:
        headers = {"Authorization": f"Bearer {robot.token}"}
        url = f"{server.url}/_matrix/client/v1/media/preview_url"
        reply = httpx.get(url, params={"url": f"{page.url}/c/1"}, headers=headers, timeout=60, trust_env=False)
    assert reply.json()["og:title"] == "Order 12"
    assert page.methods == ["GET"]
