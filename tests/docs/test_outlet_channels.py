"""docs/guide/outlet-channels.md names every channel, its limits and its settings."""

import re

import pytest

from functions.outlets.channels import CHANNELS
from tests.support.paths import ROOT

PAGE = (ROOT / "docs/guide/outlet-channels.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))
UNITS = {"bytes": "bytes", "characters": "characters", "utf16": "characters"}


def test_each_channel_has_a_row() -> None:
    assert set(ROWS) == set(CHANNELS)


@pytest.mark.parametrize("name", CHANNELS)
def test_the_row_says_what_the_channel_has(name: str) -> None:
    channel = CHANNELS[name]
    limit, longest, button, receipt, again = ROWS[name].split(" | ")
    assert longest == f"{channel.longest.count:,} {UNITS[channel.longest.unit]}"
    assert ("once" in again) == channel.native_key
    assert button.startswith("no") != channel.shows_tapper
    for window in channel.windows:
        if window.count > 1 and (name, window.count) not in {("feishu_app", 50), ("wecom_app", 10_000)}:
            assert f"{window.count:,} " in limit
    assert channel.receipts or receipt == "no"


@pytest.mark.parametrize("name", CHANNELS)
def test_each_setting_is_named(name: str) -> None:
    section = PAGE[PAGE.index("## WeCom group robot") :]
    for setting in CHANNELS[name].settings:
        if setting.name != "base_url":
            assert f"`{setting.name}`{' (secret)' if setting.secret else ''}" in section
