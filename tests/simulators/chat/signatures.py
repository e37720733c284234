"""Signatures of the chat services, from their public descriptions. The side of the service: it signs and it checks."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # WeCom pads to 32 bytes, although AES has blocks of 16
FEISHU_BLOCK = 16


def whatsapp(secret: str, body: bytes) -> str:
    """X-Hub-Signature-256."""
    return f"sha256={_hmac(secret.encode(), body).hex()}"


def line(secret: str, body: bytes) -> str:
    """X-Line-Signature."""
    return base64.b64encode(_hmac(secret.encode(), body)).decode()


def slack(secret: str, seconds: int, body: bytes) -> str:
    """X-Slack-Signature."""
    return f"v0={_hmac(secret.encode(), b'v0:%d:' % seconds + body).hex()}"


def feishu_bot(secret: str, seconds: int) -> str:
    """The field sign of a message to a robot: the key is the text, and the message is empty."""
    return base64.b64encode(_hmac(f"{seconds}\n{secret}".encode(), b"")).decode()


def feishu_event(key: str, seconds: int, nonce: str, body: bytes) -> str:
    """X-Lark-Signature."""
    return hashlib.sha256(f"{seconds}{nonce}{key}".encode() + body).hexdigest()


def dingtalk(secret: str, milliseconds: int) -> str:
    """The parameter sign of a robot's address, quoted as in the address."""
    text = _hmac(secret.encode(), f"{milliseconds}\n{secret}".encode())
    return quote(base64.b64encode(text), safe="")


def twilio(token: str, url: str, form: dict[str, str]) -> str:
    """X-Twilio-Signature of a form."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def wecom(token: str, seconds: str, nonce: str, encrypted: str) -> str:
    """The parameter msg_signature of WeCom and of official accounts."""
    text = "".join(sorted((token, seconds, nonce, encrypted)))
    return hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the service prescribes SHA-1


def official_account(token: str, seconds: str, nonce: str) -> str:
    """The parameter signature of a GET that checks the address, and of every callback of an official account."""
    return hashlib.sha1("".join(sorted((token, seconds, nonce))).encode()).hexdigest()  # noqa: S324 - as above


def wecom_encrypt(key43: str, receiver: str, xml: str) -> str:
    """Base64 of AES-256-CBC over 16 random bytes, the length, the XML and the receiver's id."""
    key, text = _wecom_key(key43), xml.encode()
    plain = secrets.token_bytes(16) + len(text).to_bytes(4, "big") + text + receiver.encode()
    return base64.b64encode(_cbc_encrypt(key, key[:16], _pad(plain, BLOCK))).decode()


def wecom_decrypt(key43: str, receiver: str, encrypted: str) -> str:
    """The XML. Raises ValueError if the message is for another receiver."""
    key = _wecom_key(key43)
    plain = _cbc_decrypt(key, key[:16], base64.b64decode(encrypted))
    plain = plain[: -plain[-1]]
    end = 20 + int.from_bytes(plain[16:20], "big")
    if plain[end:].decode() != receiver:
        raise ValueError(f"The message is for {plain[end:].decode()}, and not for {receiver}.")
    return plain[20:end].decode()


def feishu_encrypt(key: str, text: str) -> str:
    """Base64 of the IV and AES-256-CBC under the SHA-256 of the key."""
    vector = secrets.token_bytes(16)
    padded = _pad(text.encode(), FEISHU_BLOCK)
    return base64.b64encode(vector + _cbc_encrypt(hashlib.sha256(key.encode()).digest(), vector, padded)).decode()


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def _hmac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()


def _wecom_key(key43: str) -> bytes:
    return base64.b64decode(key43 + "=")


def _pad(plain: bytes, block: int) -> bytes:
    count = block - len(plain) % block
    return plain + bytes([count]) * count


def _cbc_encrypt(key: bytes, vector: bytes, padded: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return cipher.update(padded) + cipher.finalize()


def _cbc_decrypt(key: bytes, vector: bytes, encrypted: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return cipher.update(encrypted) + cipher.finalize()
