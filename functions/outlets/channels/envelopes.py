"""Encrypted envelopes of Tencent (WeCom, official accounts, mini-programs) and of Feishu."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from functions.outlets.channels.contract import Forged
from functions.outlets.channels.genuine import check_equal

IV_BYTES = 16
# Tencent fills to 32 bytes, Feishu to 16.
TENCENT_BLOCK = 32
FEISHU_BLOCK = 16
RANDOM_BYTES = 16
LENGTH_BYTES = 4
DEEPEST = 8


def tencent_signature(token: str, timestamp: str, nonce: str, encrypted: str) -> str:
    """SHA-1 over the sorted values: developer.work.weixin.qq.com/document/path/90968."""
    content = "".join(sorted((token, timestamp, nonce, encrypted)))
    return hashlib.sha1(content.encode("utf-8", "replace")).hexdigest()  # noqa: S324 -- the service's own choice


def opened_tencent(token: str, aes_key: str, receiver: str, query: Mapping[str, str], encrypted: str) -> bytes:
    """The plain text of a signed envelope for `receiver`, the corp id or app id. Raises `Forged`."""
    if not token:
        raise Forged("the robot has no callback token")
    expected = tencent_signature(token, query.get("timestamp", ""), query.get("nonce", ""), encrypted)
    check_equal(expected, query.get("msg_signature"))
    key = _decoded(f"{aes_key}=")
    plain = _unfilled(_decrypted(key, key[:IV_BYTES], _decoded(encrypted)), TENCENT_BLOCK)
    start = RANDOM_BYTES + LENGTH_BYTES
    end = start + int.from_bytes(plain[RANDOM_BYTES:start], "big")
    if len(plain) < start or end > len(plain) or not receiver or plain[end:] != receiver.encode():
        raise Forged("the envelope is for another receiver")
    return plain[start:end]


def opened_feishu(encrypt_key: str, encrypted: str) -> bytes:
    """The plain text of an event: open.feishu.cn/document, section event encryption. Raises `Forged`."""
    content = _decoded(encrypted)
    key = hashlib.sha256(encrypt_key.encode()).digest()
    return _unfilled(_decrypted(key, content[:IV_BYTES], content[IV_BYTES:]), FEISHU_BLOCK)


def xml_fields(body: bytes) -> dict[str, str]:
    """The texts of the elements below the root. Empty for a body of another form."""
    root = _root(body)
    return {} if root is None else {child.tag: child.text or "" for child in root}


def xml_objects(body: bytes) -> dict[str, Any]:
    """The document as JSON would have it: an element that occurs again is a list. Empty for a body of another form."""
    root = _root(body)
    document = _object(root, 0) if root is not None else None
    return document if isinstance(document, dict) else {}


def _root(body: bytes) -> ET.Element | None:
    try:
        text = body.decode()
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            return None
        return ET.fromstring(text)  # noqa: S314 -- without a document type there are no entities to expand
    except (ValueError, ET.ParseError, RecursionError):
        return None


def _object(element: ET.Element, depth: int) -> Any:
    if not len(element) or depth > DEEPEST:
        return element.text or ""
    children: dict[str, list[Any]] = {}
    for child in element:
        children.setdefault(child.tag, []).append(_object(child, depth + 1))
    return {tag: values[0] if len(values) == 1 else values for tag, values in children.items()}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Forged("the envelope is not base64") from None


def _decrypted(key: bytes, iv: bytes, content: bytes) -> bytes:
    try:
        decryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).decryptor()
        return decryptor.update(content) + decryptor.finalize()
    except ValueError:
        raise Forged("the envelope can't be decrypted") from None


def _unfilled(plain: bytes, block: int) -> bytes:
    """Without the filling of PKCS #7."""
    count = plain[-1] if plain else 0
    if not 1 <= count <= block or plain[-count:] != bytes([count]) * count:
        raise Forged("the envelope has a wrong filling")
    return plain[:-count]
