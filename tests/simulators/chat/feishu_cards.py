"""Contents of Feishu's messages: texts, posts and cards of both schemas."""

import json
from typing import Any

from tests.simulators.chat.arrivals import Button
from tests.simulators.chat.fake import Refused

TEXTS = ("plain_text", "lark_md", "markdown", "text")


def read_content(kind: str, content: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    """The text and the buttons of a message. Raises Refused."""
    if kind == "text":
        return _whole(str(content["text"])), ()
    if kind in ("post", "interactive"):
        return _whole("\n".join(_texts(content))), tuple(_buttons(content))
    if kind in ("image", "file"):
        return f"[{kind}] {content.get('image_key') or content['file_key']}", ()
    raise Refused("content")


def _whole(text: str) -> str:
    if not text.strip():
        raise Refused("content")
    return text


def _texts(node: Any) -> list[str]:
    """The texts from top to bottom; those of buttons are left out."""
    if isinstance(node, list):
        return [text for child in node for text in _texts(child)]
    if not isinstance(node, dict) or node.get("tag") == "button":
        return []
    own = [str(node["content"])] if node.get("tag") in TEXTS and "content" in node else []
    own += [str(node["text"])] if isinstance(node.get("text"), str) else []
    return own + [text for child in node.values() for text in _texts(child)]


def _buttons(node: Any) -> list[Button]:
    if isinstance(node, list):
        return [button for child in node for button in _buttons(child)]
    if not isinstance(node, dict):
        return []
    own = [_button(node)] if node.get("tag") == "button" else []
    return own + [button for child in node.values() for button in _buttons(child)]


def _button(node: dict[str, Any]) -> Button:
    value, url = node.get("value"), node.get("url")
    for behaviour in node.get("behaviors", []):
        value = behaviour.get("value", value) if behaviour["type"] == "callback" else value
        url = behaviour.get("default_url", url) if behaviour["type"] == "open_url" else url
    return Button(node["text"]["content"], as_value(value), url)


def as_value(value: Any) -> str | None:
    """A button's value as text: an object is told as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
