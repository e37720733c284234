"""WhatsApp's Cloud API as a fake, from its public description: a window of 24 hours, templates, statuses."""

import itertools
import json
import random
from collections.abc import Iterable
from typing import Any, ClassVar

import httpx

from tests.simulators.chat import signatures
from tests.simulators.chat.arrivals import Arrival, Button, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

TOKEN = "fake-whatsapp-token-"
DAY_SECONDS = 86_400
LONGEST_TEXT, LONGEST_BODY, LONGEST_TITLE, LONGEST_VALUE, MOST_BUTTONS = 4096, 1024, 20, 256, 3
TITLES = {
    4: "Application request limit reached", 80007: "Rate limit issues", 130429: "Rate limit hit",
    131000: "Something went wrong", 131005: "Access denied", 131008: "Required parameter is missing",
    131009: "Parameter value is not valid", 131016: "Service unavailable", 131026: "Message undeliverable",
    131031: "Account has been locked", 131042: "Business eligibility payment issue",
    131047: "Re-engagement message", 131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement.",
    131056: "Pair rate limit hit", 132000: "Template param count mismatch", 132001: "Template does not exist",
    190: "Error validating access token", 368: "Temporarily blocked for policies violations",
}  # fmt: skip
CODES = {
    "later": 130429, "pair": 131056, "dead": 131026, "rights": 190, "content": 131009, "too_long": 131009,
    "missing": 131008, "window": 131047, "template": 132001,
}  # fmt: skip
STATUSES = {190: 401, 131005: 403, 368: 403, 131031: 403, 131016: 503, 131000: 500, 132001: 404, 130429: 429, 4: 429}


class Whatsapp(FakeChat):
    """A robot is its phone number id, a chat is a person's number.

    `templates` are approved ones; None takes all. `late_refusals`: dead numbers and closed windows come as a status.
    `open_always`: no window of 24 hours.
    """

    channel: ClassVar[str] = "whatsapp"
    limits: ClassVar[tuple[Window, ...]] = (Window(80, 1, "robot"), Window(1, 6, "chat"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.templates: set[str] | None = None
        self.late_refusals = False
        self.open_always = False
        self.last_written: dict[str, float] = {}
        self._ids = itertools.count(1)

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        public = {"base_url": self.url, "phone_number_id": f"{10600 + number}"}
        hidden = {"token": f"{TOKEN}{number}", "app_secret": f"app-secret-{number}", "verify_token": f"verify-{number}"}
        return public, hidden

    def new_id(self) -> str:
        return f"wamid.HBgLFake{next(self._ids):08}"

    def answer(self, request: Request) -> Answer:
        parts = request.path.strip("/").split("/")
        robot = parts[1] if parts[0].startswith("v") else parts[0]
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != f"{TOKEN}{int(robot) - 10600}" or robot in self.robots_without_rights:
            raise Refused("rights")
        if parts[-1] == "messages":
            return self._send(robot, request.json())
        return json_answer({"id": robot, "display_phone_number": "+1 555 0100", "quality_rating": "GREEN"})

    def _send(self, robot: str, body: dict[str, Any]) -> Answer:
        if body.get("messaging_product") != "whatsapp" or not body.get("to"):
            raise Refused("missing")
        person, kind = str(body["to"]).removeprefix("+"), body.get("type", "text")
        if body.get("status") == "read":
            return json_answer({"success": True})
        text, buttons = _read(kind, body[kind])
        self._check_session(person, kind, body)
        arrival = self.show(Message(robot, person, text, buttons, key=body.get("biz_opaque_callback_data"), kind=kind))
        contact = {"input": body["to"], "wa_id": person}
        messages = [{"id": arrival.message_id}]
        return json_answer({"messaging_product": "whatsapp", "contacts": [contact], "messages": messages})

    def _check_session(self, person: str, kind: str, body: dict[str, Any]) -> None:
        if kind == "template":
            if self.templates is not None and body["template"]["name"] not in self.templates:
                raise Refused("template")
        elif not self.open_always and not self.late_refusals and not self.session_open(person):
            raise Refused("window")

    def session_open(self, person: str) -> bool:
        """Whether this person wrote within the last 24 hours."""
        return self.wall() - self.last_written.get(person, 0.0) < DAY_SECONDS

    def dead_answer(self, message: Message) -> Refused | None:
        del message
        return None if self.late_refusals else Refused("dead")

    def too_many(self, seconds: float) -> Answer:
        del seconds
        return self.refusal(Refused("later"))

    def refusal(self, refused: Refused) -> Answer:
        kind = refused.kind
        if kind == "later" and isinstance(refused.detail, float) and refused.detail > 1:
            kind = "pair"
        code = CODES[kind]
        error = {"message": f"(#{code}) {TITLES[code]}", "type": "OAuthException", "code": code, "fbtrace_id": "Afake"}
        if kind != "rights":
            error["error_data"] = {"messaging_product": "whatsapp", "details": str(refused.detail or TITLES[code])}
        return json_answer({"error": error}, STATUSES.get(code, 400))

    # Callbacks

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        """A press always comes from the person of the chat: WhatsApp knows no other."""
        del person
        title = next((button.title for button in arrival.buttons if button.value == value), value)
        content: dict[str, Any] = {"type": "button", "button": {"payload": value, "text": title}}
        if arrival.kind == "interactive":
            reply = {"type": "button_reply", "button_reply": {"id": value, "title": title}}
            content = {"type": "interactive", "interactive": reply}
        context = {"from": "15550100", "id": arrival.message_id}
        return self._message(arrival.robot, arrival.chat, {**content, "context": context})

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        del person
        return self._message(self.settings["phone_number_id"], chat, {"type": "text", "text": {"body": text}})

    def received(self, arrival: Arrival, kind: str) -> httpx.Request:
        return self.status(arrival, kind)

    def status(self, arrival: Arrival, status: str, code: int = 0) -> httpx.Request:
        """A status: sent, delivered, read or failed; a failed one has a code."""
        entry: dict[str, Any] = {
            "id": arrival.message_id, "status": status, "timestamp": str(int(self.wall())),
            "recipient_id": arrival.chat,
        }  # fmt: skip
        if status == "failed":
            details = {"details": TITLES[code]}
            error = {"code": code, "title": TITLES[code], "message": TITLES[code], "error_data": details}
            entry["errors"] = [error]
        return self._change(arrival.robot, {"statuses": [entry]})

    def shuffled_statuses(self, arrivals: Iterable[Arrival], seed: int) -> list[httpx.Request]:
        """sent, delivered and read of each, in any order, a third of them twice."""
        draw = random.Random(seed)
        pairs = [(arrival, status) for arrival in arrivals for status in ("sent", "delivered", "read")]
        pairs += draw.sample(pairs, len(pairs) // 3)
        draw.shuffle(pairs)
        return [self.status(arrival, status) for arrival, status in pairs]

    def check_address(self, challenge: str = "1158201444") -> httpx.Request:
        """The GET by which Meta checks a new address: the answer is the challenge."""
        token = self.secrets["verify_token"]
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        return httpx.Request("GET", self.callback_url, params=query)

    def _message(self, robot: str, person: str, content: dict[str, Any]) -> httpx.Request:
        self.last_written[person] = self.wall()
        message = {"from": person, "id": self.new_id(), "timestamp": str(int(self.wall())), **content}
        contacts = [{"profile": {"name": "Owner"}, "wa_id": person}]
        return self._change(robot, {"contacts": contacts, "messages": [message]})

    def _change(self, robot: str, value: dict[str, Any]) -> httpx.Request:
        secret = self.robot(int(robot) - 10600)[1]["app_secret"]
        metadata = {"display_phone_number": "15550100", "phone_number_id": robot}
        change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        envelope = {"object": "whatsapp_business_account", "entry": [{"id": "1020", "changes": [change]}]}
        body = json.dumps(envelope, ensure_ascii=True).encode()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signatures.whatsapp(secret, body)}
        return self.post(body, headers)


def _read(kind: str, content: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    if kind == "text":
        return _bounded(content["body"], LONGEST_TEXT), ()
    if kind == "template":
        return _template(content)
    if kind == "interactive":
        return _interactive(content)
    if kind in ("document", "image"):
        return content.get("caption") or f"[{kind}]", ()
    raise Refused("content")


def _interactive(content: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    text, action = _bounded(content["body"]["text"], LONGEST_BODY), content["action"]
    if content["type"] == "cta_url":
        parameters = action["parameters"]
        return text, (Button(_bounded(parameters["display_text"], LONGEST_TITLE), url=parameters["url"]),)
    replies = [button["reply"] for button in action["buttons"]]
    if not 0 < len(replies) <= MOST_BUTTONS or len({reply["title"] for reply in replies}) < len(replies):
        raise Refused("content")
    titles = [_bounded(reply["title"], LONGEST_TITLE) for reply in replies]
    values = [_bounded(reply["id"], LONGEST_VALUE) for reply in replies]
    return text, tuple(map(Button, titles, values))


def _template(content: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    if not content["language"]["code"]:
        raise Refused("missing")
    texts, buttons = [content["name"]], []
    for component in content.get("components", []):
        values = [str(parameter.get("text") or parameter.get("payload")) for parameter in component["parameters"]]
        if any("\n" in value or "    " in value for value in values):
            raise Refused("content", "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
        if component["type"] != "button":
            texts += values
        elif component["sub_type"] == "quick_reply":
            buttons += [Button(value, value) for value in values]
        else:
            buttons += [Button(value, url=value) for value in values]
    return "\n".join(texts), tuple(buttons)


def _bounded(text: str, longest: int) -> str:
    if not text or len(text) > longest:
        raise Refused("too_long" if text else "missing")
    return text
