"""A provider of SMS and of calls as a fake, in the form of Twilio's public description: forms, signed callbacks."""

import base64
import itertools
import re
from typing import Any, ClassVar
from urllib.parse import urlencode

import httpx

from tests.simulators.chat import signatures
from tests.simulators.chat.arrivals import Arrival, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

ACCOUNT = "ACfake"
LONGEST_SMS = 1600
MESSAGES = {
    20003: "Authenticate", 20429: "Too Many Requests", 21211: "Invalid 'To' Phone Number",
    21610: "Attempt to send to unsubscribed recipient", 21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit", 21602: "Message body is required",
    20404: "The requested resource was not found",
}  # fmt: skip
CODES = {
    "later": 20429, "rights": 20003, "dead": 21211, "unsubscribed": 21610, "no_mobile": 21614, "content": 21617,
    "empty": 21602, "not_found": 20404,
}  # fmt: skip
STATUSES = {20003: 401, 20429: 429, 20404: 404}


class Provider(FakeChat):
    """A robot is an account. `unsubscribed` are numbers that wrote STOP."""

    limits: ClassVar[tuple[Window, ...]] = (Window(10, 1, "robot"),)
    path: ClassVar[str] = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.unsubscribed: set[str] = set()
        self._ids = itertools.count(1)
        self._status_urls: dict[str, str] = {}

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        public = {"base_url": self.url, "account": f"{ACCOUNT}{number}", "from": f"+1555010{number:04}"}
        return public, {"token": f"provider-token-{number}"}

    def new_id(self) -> str:
        return f"{'SM' if self.channel == 'sms' else 'CA'}{next(self._ids):032x}"

    def answer(self, request: Request) -> Answer:
        match = re.fullmatch(r"/2010-04-01/Accounts/(\w+)(/\w+)?\.json", request.path)
        account, path = (match[1], match[2]) if match else ("", "")
        number = account.removeprefix(ACCOUNT)
        expected = f"{account}:provider-token-{number}".encode()
        sent = request.headers.get("authorization", "").removeprefix("Basic ")
        if not number.isdigit() or sent != base64.b64encode(expected).decode() or account in self.robots_without_rights:
            raise Refused("rights")
        if path is None:
            return json_answer({"sid": account, "status": "active"})
        if path != self.path:
            raise Refused("not_found")
        return self._send(account, request.form())

    def _send(self, account: str, form: dict[str, str]) -> Answer:
        person = form["To"]
        if not re.fullmatch(r"\+[1-9]\d{6,14}", person):
            raise Refused("dead")
        if person in self.unsubscribed:
            raise Refused("unsubscribed")
        arrival = self.show(Message(account, person, self.read(form), kind=self.channel))
        self._status_urls[arrival.message_id] = form.get("StatusCallback") or form.get("Url") or ""
        return json_answer({"sid": arrival.message_id, "status": "queued", "to": person, "error_code": None}, 201)

    def read(self, form: dict[str, str]) -> str:
        """The text that is shown or spoken."""
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Answer:
        code = CODES[refused.kind]
        status = STATUSES.get(code, 400)
        more = f"https://www.twilio.com/docs/errors/{code}"
        return json_answer({"code": code, "message": MESSAGES[code], "more_info": more, "status": status}, status)

    def form_request(self, arrival: Arrival, form: dict[str, str]) -> httpx.Request:
        """A signed form to the callback of the message, or to the callback of the fake."""
        url = self._status_urls.get(arrival.message_id) or self.callback_url
        token = self.robot(int(arrival.robot.removeprefix(ACCOUNT)))[1]["token"]
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signatures.twilio(token, url, form),
        }
        return httpx.Request("POST", url, content=urlencode(form).encode(), headers=headers)


class Sms(Provider):
    """Short messages with their statuses."""

    channel: ClassVar[str] = "sms"
    path: ClassVar[str] = "/Messages"

    def read(self, form: dict[str, str]) -> str:
        text = form.get("Body", "")
        if not text.strip():
            raise Refused("empty")
        if len(text) > LONGEST_SMS:
            raise Refused("content")
        return text

    def received(self, arrival: Arrival, kind: str) -> httpx.Request:
        return self.status(arrival, kind)

    def status(self, arrival: Arrival, status: str, code: int = 0) -> httpx.Request:
        """queued, sent, delivered, undelivered or failed; the last two have a code, such as 30005."""
        form = {
            "MessageSid": arrival.message_id, "SmsSid": arrival.message_id, "MessageStatus": status,
            "AccountSid": arrival.robot, "To": arrival.chat, "From": self.settings["from"],
        }  # fmt: skip
        return self.form_request(arrival, form | ({"ErrorCode": str(code)} if code else {}))

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        """A person answers; STOP ends the messages to this number."""
        del person
        if text.strip().upper() == "STOP":
            self.unsubscribed.add(chat)
        last = self.of_chat(chat)[-1]
        form = {
            "MessageSid": self.new_id(), "From": chat, "To": self.settings["from"], "Body": text,
            "AccountSid": last.robot,
        }  # fmt: skip
        self._status_urls.pop(last.message_id, None)
        return self.form_request(last, form)


class Voice(Provider):
    """Calls. Only a pressed digit is an answer by a person: a voicemail completes too."""

    channel: ClassVar[str] = "voice"
    limits: ClassVar[tuple[Window, ...]] = (Window(1, 1, "robot"),)
    path: ClassVar[str] = "/Calls"

    def read(self, form: dict[str, str]) -> str:
        spoken = re.findall(r"<Say[^>]*>(.*?)</Say>", form.get("Twiml", ""), re.DOTALL)
        if not spoken and not form.get("Url"):
            raise Refused("empty")
        return "\n".join(spoken) or form["Url"]

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        """The person presses a digit; the action of the <Gather> is the callback."""
        del person
        return self.form_request(arrival, {**self._call(arrival, "in-progress"), "Digits": value})

    def completed(self, arrival: Arrival, answered_by: str = "machine_end_beep") -> httpx.Request:
        """The call is over: a voicemail took it, or a person who pressed no digit."""
        return self.form_request(arrival, {**self._call(arrival, "completed"), "AnsweredBy": answered_by})

    def unanswered(self, arrival: Arrival, status: str = "no-answer") -> httpx.Request:
        """no-answer, busy or failed."""
        return self.form_request(arrival, self._call(arrival, status))

    def _call(self, arrival: Arrival, status: str) -> dict[str, str]:
        return {
            "CallSid": arrival.message_id, "AccountSid": arrival.robot, "To": arrival.chat,
            "From": self.settings["from"], "CallStatus": status, "Direction": "outbound-api",
        }  # fmt: skip
