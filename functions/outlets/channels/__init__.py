"""The chat services that reach an outlet, a module each."""

from functions.outlets.channels.contract import Channel
from functions.outlets.channels.dingtalk import DingTalk
from functions.outlets.channels.feishu_app import FeishuApp
from functions.outlets.channels.feishu_bot import FeishuBot
from functions.outlets.channels.line import Line
from functions.outlets.channels.matrix import Matrix
from functions.outlets.channels.slack import Slack
from functions.outlets.channels.sms import Sms
from functions.outlets.channels.telegram import Telegram
from functions.outlets.channels.voice import Voice
from functions.outlets.channels.wecom_app import WecomApp
from functions.outlets.channels.wecom_robot import WecomRobot
from functions.outlets.channels.whatsapp import WhatsApp

_ALL: tuple[Channel, ...] = (
    WecomRobot(),
    WecomApp(),
    WhatsApp(),
    Telegram(),
    Line(),
    FeishuBot(),
    FeishuApp(),
    DingTalk(),
    Slack(),
    Matrix(),
    Sms(),
    Voice(),
)

CHANNELS: dict[str, Channel] = {channel.name: channel for channel in _ALL}
