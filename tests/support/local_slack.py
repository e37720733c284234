"""A Slack workspace of another hand, local-slack, on loopback. `make local-slack` installs it into .local/slack.

It signs its callbacks as Slack does. It has no windows and no bans: the fake of Slack has them.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from stack import children, ports
from stack.addresses import ROOT as LOCAL
from stack.mariadb import CannotStart

FOLDER = LOCAL / "slack"
PROGRAM = FOLDER / "node_modules/local-slack-linux-x64/bin/local-slack"
MISSING = "local-slack is not installed. Run: make local-slack"
START_SECONDS = 60.0
TOKEN, SIGNING_SECRET = "xoxb-test-token", "test-signing-secret"
CHANNEL, OWNER, BOT = "C01ORDERS", "U01OWNER", "U0BOT"


def installed() -> bool:
    """Whether `make local-slack` installed it here."""
    return (FOLDER / "installed").exists() and PROGRAM.exists()


@dataclass(frozen=True)
class Workspace:
    """A workspace with one channel, its owner, and our app."""

    url: str

    def messages(self) -> list[dict[str, Any]]:
        """The messages of the channel, the oldest first."""
        listed: list[dict[str, Any]] = self._control("GET", f"messages/{CHANNEL}")["messages"]
        return listed

    def press(self, ts: str, button: dict[str, Any]) -> None:
        """The owner presses a button of a message."""
        action = {name: button[name] for name in ("type", "action_id", "value")}
        self._control("POST", "interact", {"channel": CHANNEL, "messageTs": ts, "user": OWNER, "action": action})

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        reply = httpx.request(method, f"{self.url}/_control/{path}", json=body, timeout=30, trust_env=False)
        return reply.raise_for_status().json()


@contextmanager
def local_slack(root: Path, callback_url: str) -> Iterator[Workspace]:
    """The workspace, with its files in the folder. Its app gets callbacks at the address. Raises CannotStart."""
    root.mkdir(parents=True, exist_ok=True)
    config, record, log = root / "config.json", root / "slack.json", root / "slack.log"
    config.write_text(json.dumps(_configured(callback_url)), encoding="utf-8")
    port = ports.keep(root, "slack")
    options = ["--config", str(config), "--port", str(port), "--files-dir", str(root / "files")]
    child = children.start(record, [str(PROGRAM), *options], env=children.environment(), cwd=root, log=log)
    try:
        until = time.monotonic() + START_SECONDS
        while "is running" not in log.read_text(errors="replace"):
            if not child.alive() or time.monotonic() > until:
                raise CannotStart(f"local-slack did not start.\n{children.tail(log)}")
            time.sleep(0.05)
        yield Workspace(f"http://127.0.0.1:{port}")
    finally:
        children.stop(record, patience=10)


def _configured(callback_url: str) -> dict[str, Any]:
    """The file that the program reads. JSON is YAML."""
    app = {"appId": "A01APP", "botUserId": BOT, "botName": "orders", "botToken": TOKEN, "appToken": "xapp-test-token"}
    return {
        "workspace": {"name": "Test", "domain": "test", "teamId": "T01TEST"},
        "app": app | {"signingSecret": SIGNING_SECRET, "mode": "events", "requestUrl": callback_url},
        "users": [{"id": OWNER, "name": "owner", "real_name": "Olga Owner"}],
        "channels": [{"id": CHANNEL, "name": "orders", "members": [OWNER, BOT]}],
    }
