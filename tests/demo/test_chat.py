"""The demo's chat is a program with a page; it leaves nothing running."""

from pathlib import Path

import httpx

from demo.chat import chat
from tests.support.processes import mentioning


def test_chat_shows_messages_on_the_phone_and_ends_with_the_demo(tmp_path: Path) -> None:
    with chat(tmp_path) as service:
        robot = service.robot(1)
        url = f"{robot['settings']['base_url']}/bot{robot['credentials']['token']}/sendMessage"
        sent = httpx.post(url, json={"chat_id": "1001", "text": "Order 12"}, trust_env=False).json()
        assert sent["ok"], sent
        messages = httpx.get(f"{service.phone}/messages", trust_env=False).json()["messages"]
        assert [message["text"] for message in messages] == ["Order 12"]
        assert "The owner's phone" in httpx.get(service.phone, trust_env=False).text
    assert mentioning(str(tmp_path)) == []
