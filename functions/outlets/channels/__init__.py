"""The chat services that reach an outlet, a module each."""

from functions.outlets.channels.contract import Channel

CHANNELS: dict[str, Channel] = {}
