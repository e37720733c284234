"""A device that keeps an inbox as a page does: it may be killed, lose answers, and be away."""

import random
from typing import Any

from tests.support.orders import Caller


class Device:
    """The desk's inbox on one device. `shown` is stored; the page's memory dies with the page.

    The cursor is the last number that was stored, so a lost answer is asked for again.
    """

    def __init__(self, call: Caller, store: str, chance: random.Random) -> None:
        self._call, self._at, self._chance = call, {"party": "desk", "chain": "demo", "store": store}, chance
        self.shown: list[dict[str, Any]] = []
        self._is_away = False

    @property
    def cursor(self) -> int:
        return int(self.shown[-1]["seq"]) if self.shown else 0

    def do_something(self) -> None:
        """One step of a person with a bad connection."""
        step = self._chance.choice(("look", "look", "look", "lose", "read", "leave"))
        if step == "leave":
            self._is_away = not self._is_away
        elif not self._is_away:
            {"look": self.look, "lose": self._ask, "read": self._read_some}[step]()

    def come_back(self) -> None:
        """On line again, until nothing is left to fetch."""
        self._is_away = False
        while self.look():
            pass

    def look(self) -> bool:
        """Fetch a page and store it. Whether there was anything."""
        messages = self._ask()["messages"]
        for message in messages:
            assert message["seq"] == self.cursor + 1, "a gap"
            self.shown.append(message)
        return bool(messages)

    def unread(self) -> dict[str, int]:
        """The unread messages by conversation, counted from its own messages alone."""
        read_to: dict[str, int] = {}
        for message in self.shown:
            if message["kind"] == "read":
                read_to[message["conversation"]] = max(
                    read_to.get(message["conversation"], 0), message["values"]["seq"]
                )
        counts: dict[str, int] = {}
        for message in self.shown:
            name = message["conversation"]
            if message["kind"] != "read":
                is_own = message["sender"]["party"] == "desk"
                counts[name] = counts.get(name, 0) + (message["seq"] > read_to.get(name, 0) and not is_own)
        return counts

    def _ask(self) -> dict[str, Any]:
        at = "&".join(f"{name}={value}" for name, value in self._at.items())
        answer = self._call("GET", f"/v1/inbox?{at}&after={self.cursor}&limit={self._chance.randint(1, 5)}")
        assert answer.status == 200, answer.text
        return dict(answer.json)

    def _read_some(self) -> None:
        messages = [message for message in self.shown if message["kind"] != "read"]
        if not messages:
            return
        message = self._chance.choice(messages)
        body = self._at | {"conversation": message["conversation"], "seq": message["seq"]}
        assert self._call("PUT", "/v1/inbox/read", body).status == 200
