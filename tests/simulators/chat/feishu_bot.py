"""Feishu's group robot as a fake, from its public description: signed bodies, 100 a minute and 5 a second."""

from typing import Any, ClassVar

from tests.simulators.chat import signatures
from tests.simulators.chat.arrivals import Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.feishu_cards import read_content
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

KEY = "fake-feishu-hook-"
HOUR_SECONDS = 3600
LONGEST_BYTES = 20_000
ERRORS = {
    "later": (11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"),
    "dead": (19001, "param invalid: incoming webhook access token invalid"),
    "rights": (19021, "sign match fail or timestamp is not within one hour from current time"),
    "address": (19022, "Ip Not Allowed"),
    "keyword": (19024, "Key Words Not Found"),
    "content": (9499, "Bad Request"),
}


class FeishuBot(FakeChat):
    """The chat of an arrival is the key of its robot: a robot has one group."""

    channel: ClassVar[str] = "feishu_bot"
    limits: ClassVar[tuple[Window, ...]] = (Window(100, 60, "robot"), Window(5, 1, "robot"))

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        return {"base_url": self.url}, {"key": f"{KEY}{number}", "secret": f"fake-hook-secret-{number}"}

    def answer(self, request: Request) -> Answer:
        key = request.path.rpartition("/")[2]
        if request.path != f"/open-apis/bot/v2/hook/{key}" or not key.startswith(KEY):
            raise Refused("dead")
        body = request.json()
        self._check_signature(key, body)
        if len(request.body) > LONGEST_BYTES:
            raise Refused("content")
        text, buttons = read_content(body["msg_type"], body.get("card") or body["content"])
        self.show(Message(key, key, text, buttons, group=True, kind=body["msg_type"]))
        return json_answer({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})

    def _check_signature(self, key: str, body: dict[str, Any]) -> None:
        stamp = int(body.get("timestamp", 0))
        secret = self.robot(int(key.rpartition("-")[2]))[1]["secret"]
        fresh = abs(self.wall() - stamp) <= HOUR_SECONDS
        if not fresh or not signatures.same(signatures.feishu_bot(secret, stamp), body.get("sign", "")):
            raise Refused("rights")

    def refusal(self, refused: Refused) -> Answer:
        code, text = ERRORS[refused.kind]
        return json_answer({"code": code, "data": {}, "msg": text})
