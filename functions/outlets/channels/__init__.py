"""The chat services that reach an outlet, a module each."""

from functions.outlets.channels.contract import Channel
from functions.outlets.channels.matrix import Matrix
from functions.outlets.channels.slack import Slack
from functions.outlets.channels.telegram import Telegram
from functions.outlets.channels.wecom_robot import WecomRobot

_ALL: tuple[Channel, ...] = (
    WecomRobot(),
    Telegram(),
    Slack(),
    Matrix(),
)

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in _ALL}
