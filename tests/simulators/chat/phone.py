"""A page that draws the chats of a fake service as a phone would. A tap on a button is a press by a person.

GET / is the page, GET /messages its content. POST /press and /write do what the owner does; POST /callback sets the
address of the product's callback.
"""

import contextlib
from pathlib import Path
from typing import Any

import httpx

from tests.simulators.chat.arrivals import Arrival
from tests.simulators.chat.fake import FakeChat
from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer

PAGE = Path(__file__).with_name("phone.html")
OWNER = "1001"
MOST_MESSAGES = 60


class Phone(HttpSystem):
    """The phone of a fake service on a port of its own."""

    def __init__(self, fake: FakeChat, port: int = 0) -> None:
        super().__init__(port)
        self._fake = fake
        self._notes: list[dict[str, Any]] = []

    def respond(self, request: Request) -> Answer:
        if request.method == "GET":
            return self._read(request.path)
        return self._change(request.path, request.json())

    def _read(self, path: str) -> Answer:
        if path == "/messages":
            rows = [*map(_shown, self._fake.arrivals[-MOST_MESSAGES:]), *self._notes[-MOST_MESSAGES:]]
            return json_answer({"channel": self._fake.channel, "messages": sorted(rows, key=lambda row: row["at"])})
        return Answer(200, PAGE.read_bytes(), kind="text/html; charset=utf-8")

    def _change(self, path: str, body: dict[str, Any]) -> Answer:
        if path == "/callback":
            self._fake.callback_url = str(body["url"])
            return json_answer({"url": self._fake.callback_url})
        reply: httpx.Response | None = None
        with contextlib.suppress(httpx.TransportError, NotImplementedError, StopIteration):
            reply = self._press(body) if path == "/press" else self._write(body)
        return json_answer({"status": reply.status_code if reply else 0})

    def _press(self, body: dict[str, Any]) -> httpx.Response:
        arrival = next(row for row in self._fake.arrivals if row.number == body["number"])
        reply = self._fake.press(arrival, str(body["value"]), str(body.get("person", OWNER)))
        titles = [button.title for button in arrival.buttons if button.value == body["value"]]
        self._note(arrival.chat, f"Tapped: {titles[0] if titles else body['value']}")
        return reply

    def _write(self, body: dict[str, Any]) -> httpx.Response:
        self._note(str(body["chat"]), str(body["text"]))
        return self._fake.write(str(body["chat"]), str(body.get("person", OWNER)), str(body["text"]))

    def _note(self, chat: str, text: str) -> None:
        self._notes.append(
            {"chat": chat, "text": text, "at": self._fake.wall(), "own": True, "buttons": [], "number": 0}
        )


def _shown(arrival: Arrival) -> dict[str, Any]:
    buttons = [{"title": button.title, "value": button.value, "url": button.url} for button in arrival.buttons]
    return {
        "number": arrival.number, "chat": arrival.chat, "robot": arrival.robot.rpartition("-")[2], "text": arrival.text,
        "at": arrival.wall, "own": False, "buttons": buttons,
    }  # fmt: skip
