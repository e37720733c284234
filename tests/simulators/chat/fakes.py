"""All fake chat services by the name of their channel.

`with fake_chat("telegram", callback_url=...) as fake:` starts one. `python -m tests.simulators.chat` is the program.
"""

from typing import Any

from tests.simulators.chat.dingtalk import Dingtalk
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.feishu_app import FeishuApp
from tests.simulators.chat.feishu_bot import FeishuBot
from tests.simulators.chat.line import Line
from tests.simulators.chat.provider import Sms, Voice
from tests.simulators.chat.slack import Slack
from tests.simulators.chat.telegram import Telegram
from tests.simulators.chat.wecom_app import WecomApp
from tests.simulators.chat.wecom_robot import WecomRobot
from tests.simulators.chat.whatsapp import Whatsapp

_ALL: tuple[type[FakeChat], ...] = (
    Telegram,
    WecomRobot,
    Slack,
    Whatsapp,
    Dingtalk,
    Line,
    WecomApp,
    FeishuBot,
    FeishuApp,
    Sms,
    Voice,
)
FAKES: dict[str, type[FakeChat]] = {fake.channel: fake for fake in _ALL}


def fake_chat(channel: str, port: int = 0, **options: Any) -> FakeChat:
    """The fake of a channel; options as FakeChat takes them. Raises ValueError for a channel without a fake."""
    if channel not in FAKES:
        raise ValueError(f"Channel {channel} has no fake. It must be one of: {', '.join(FAKES)}.")
    return FAKES[channel](port, **options)
