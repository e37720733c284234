"""How many statements the requests of a delivery take: a place and a look come twenty times as often as an action."""

import base64
from datetime import UTC, datetime

import pytest

from functions.delivery import api
from shared.spine.exchange import Exchange
from stack.gateway_event import Answer, Context, answer_of, event
from tests.support.deliveries import World


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each statement that leaves for the server, COMMIT among them."""
    statements: list[str] = []
    real = Exchange._sent

    def counted(self: Exchange, train: object) -> object:
        statements.extend(text for text, _ in train)  # type: ignore[attr-defined]
        return real(self, train)  # type: ignore[arg-type]

    monkeypatch.setattr(Exchange, "_sent", counted)
    return statements


def test_a_place_and_a_look_take_few_statements(world: World, sent: list[str]) -> None:
    delivery = world.accepted()
    assert world.act(world.couriers["ana"], delivery, "pick_up", "accepted").status == 200
    secret = world.desk("POST", "/v1/couriers/ana/device?chain=demo", {}).json["secret"]
    link = str(world.see(delivery)["link"]).removeprefix("/d/")
    assert _place(secret, 52.0).status == 200
    sent.clear()
    assert _place(secret, 52.0001, seconds=1).status == 200
    assert len(sent) <= 5, sent
    sent.clear()
    answer = answer_of(api.handler(event("GET", f"/v1/tracks/{link}/position", {}, b""), Context()))
    assert answer.status == 200
    assert len(sent) <= 2, sent


def _place(secret: str, lat: float, seconds: int = 0) -> Answer:
    """A place of OwnTracks from so many seconds after the last full one."""
    second = int(datetime.now(UTC).timestamp()) + seconds
    body = f'{{"_type":"location","lat":{lat},"lon":13.0,"tst":{second},"acc":8}}'.encode()
    password = base64.b64encode(f"ana:{secret}".encode()).decode()
    headers = {"authorization": f"Basic {password}", "content-type": "application/json"}
    return answer_of(api.handler(event("POST", "/v1/courier-positions/owntracks", headers, body), Context()))
