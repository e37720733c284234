"""Encrypted callbacks of WeCom and of official accounts: XML in AES, signed in the address."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

import httpx

from tests.simulators.chat import signatures


@dataclass(frozen=True)
class Envelope:
    """The keys of one receiver. `receiver` is the corp id, or the app id of an official account."""

    token: str
    key43: str
    receiver: str

    def seal(self, url: str, xml: str, seconds: int, agent: str = "") -> httpx.Request:
        """The POST of an event."""
        stamp, nonce = str(seconds), secrets.token_hex(5)
        encrypted = signatures.wecom_encrypt(self.key43, self.receiver, xml)
        query = {
            "msg_signature": signatures.wecom(self.token, stamp, nonce, encrypted),
            "timestamp": stamp,
            "nonce": nonce,
        }
        fields = {"ToUserName": self.receiver, "Encrypt": encrypted} | ({"AgentID": agent} if agent else {})
        body = document(fields).encode()
        return httpx.Request("POST", url, params=query, content=body, headers={"Content-Type": "text/xml"})

    def check(self, url: str, echo: str, seconds: int) -> httpx.Request:
        """The GET that checks a new address: the answer is the decrypted echo."""
        stamp, nonce = str(seconds), secrets.token_hex(5)
        encrypted = signatures.wecom_encrypt(self.key43, self.receiver, echo)
        signature = signatures.wecom(self.token, stamp, nonce, encrypted)
        query = {"msg_signature": signature, "timestamp": stamp, "nonce": nonce, "echostr": encrypted}
        return httpx.Request("GET", url, params=query)

    def plain_check(self, url: str, echo: str, stamp: str, nonce: str) -> httpx.Request:
        """The GET by which an official account checks a new address: the answer is the echo as it is."""
        signature = signatures.official_account(self.token, stamp, nonce)
        return httpx.Request(
            "GET", url, params={"signature": signature, "timestamp": stamp, "nonce": nonce, "echostr": echo}
        )


def document(fields: Mapping[str, object]) -> str:
    """A flat XML document as these services write it: texts in CDATA, numbers bare."""
    inner = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


def field_of(xml: str, name: str) -> str:
    """A field of a flat document."""
    match = re.search(rf"<{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</{name}>", xml, re.DOTALL)
    if not match:
        raise ValueError(f"The document has no field {name}.")
    return match[1]


def _text(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return text if text.startswith("<") else f"<![CDATA[{text}]]>" if "]]>" not in text else escape(text)
