"""All fake chat services by the name of their channel.

`with fake_chat("telegram", callback_url=...) as fake:` starts one. `python -m tests.simulators.chat` is the program.
"""

from typing import Any

from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.telegram import Telegram
from tests.simulators.chat.wecom_robot import WecomRobot

FAKES: dict[str, type[FakeChat]] = {fake.channel: fake for fake in (Telegram, WecomRobot)}


def fake_chat(channel: str, port: int = 0, **options: Any) -> FakeChat:
    """The fake of a channel; options as FakeChat takes them. Raises ValueError for a channel without a fake."""
    if channel not in FAKES:
        raise ValueError(f"Channel {channel} has no fake. It must be one of: {', '.join(FAKES)}.")
    return FAKES[channel](port, **options)
