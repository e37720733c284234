"""Mails that functions send through SES: the emulator's inbox, and a server before it that keeps the attachments."""

import base64
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs

import httpx

from stack.emulator import Emulator
from tests.simulators.faulty_proxy import FaultyProxy
from tests.simulators.http_system import Answer, Request, json_answer

SENDING = "/v2/email/outbound-emails"


@dataclass(frozen=True)
class Mail:
    """One mail; an attachment is name → bytes. The emulator's inbox has no attachments."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    attachments: dict[str, bytes] = field(default_factory=dict)


class MailInbox:
    """The mails that SES of the emulator has taken, in their order, of every function and process."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def verify(self, *senders: str) -> None:
        """Addresses that may send from now on: SES refuses every other one."""
        client = self._emulator.client("sesv2")
        for sender in senders:
            client.create_email_identity(EmailIdentity=sender)
        client.close()

    def mails(self, to: str = "") -> list[Mail]:
        """All mails, or those to one address."""
        answer = httpx.get(f"{self._emulator.endpoint}/_ministack/ses/messages", trust_env=False).json()
        rows = [row for account in answer["messages"].values() for row in account]
        mails = [
            Mail(row["Source"], tuple(row["To"]), row["Subject"], row["BodyText"] or "", row["BodyHtml"] or "")
            for row in sorted(rows, key=lambda row: float(row["Timestamp"]))
        ]
        return [mail for mail in mails if to in mail.to or not to]


class MailServer(FaultyProxy):
    """Stands between functions and SES of the emulator: `mails` has each one that SES took, with its attachments.

    AWS_ENDPOINT_URL_SESV2 and AWS_ENDPOINT_URL_SES are `url`. It has the faults of every simulator.
    """

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator.endpoint)
        self.mails: list[Mail] = []

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a function sends through this server."""
        return {"AWS_ENDPOINT_URL_SESV2": self.url, "AWS_ENDPOINT_URL_SES": self.url}

    def respond(self, request: Request) -> Answer:
        answer = super().respond(request)
        if answer.status < 300 and (mail := _sent(request)):
            self.mails.append(mail)
        return answer

    def session_lost(self, request: Request) -> Answer:
        del request
        return json_answer({"__type": "ExpiredTokenException", "message": "The token has expired."}, 403)

    def too_many(self, seconds: float) -> Answer:
        del seconds
        return json_answer({"__type": "TooManyRequestsException", "message": "Maximum sending rate exceeded."}, 429)

    def unavailable(self) -> Answer:
        return json_answer({"__type": "InternalServiceErrorException", "message": "Try again."}, 500)


def _sent(request: Request) -> Mail | None:
    if request.path == SENDING:
        return _of_version_2(request.json())
    form = parse_qs(request.body.decode("utf-8", "replace"))
    if form.get("Action") == ["SendRawEmail"]:
        return _of_mime(base64.b64decode(form["RawMessage.Data"][0]))
    return None


def _of_version_2(call: dict[str, Any]) -> Mail:
    content = call["Content"]
    if "Raw" in content:
        return _of_mime(base64.b64decode(content["Raw"]["Data"]))
    simple = content["Simple"]
    body = {kind.lower(): part["Data"] for kind, part in simple["Body"].items()}
    files = {row["FileName"]: base64.b64decode(row["RawContent"]) for row in simple.get("Attachments", [])}
    to = tuple(call["Destination"]["ToAddresses"])
    return Mail(
        call["FromEmailAddress"], to, simple["Subject"]["Data"], body.get("text", ""), body.get("html", ""), files
    )


def _of_mime(raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    text, html = (body.get_content() if body else "" for body in bodies)
    files = {part.get_filename() or "": part.get_payload(decode=True) for part in message.iter_attachments()}
    to = tuple(address.addr_spec for address in message["To"].addresses)
    attachments = {name: content for name, content in files.items() if isinstance(content, bytes)}
    return Mail(str(message["From"]), to, str(message["Subject"]), text, html, attachments)
