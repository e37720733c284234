"""Functions of deliveries as processes that are killed at random moments, and a device that sends again."""

import json
import random
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any, Self

from stack.gateway_event import Answer, answer_of, event
from stack.signed_requests import signed_headers
from tests.support.orders import Caller

LONGEST_WAIT = 0.08
FAULTS = ("sleep", "cut", "bug")
# A conflict with a request that still runs, and a service that is away: the same request may succeed later.
AGAIN = (409, 503)


class KilledFunction:
    """One execution environment after the other of a function. Each is a process that may be killed."""

    def __init__(self, module: str, variables: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "tests.support.worker", module]
        self._variables, self.kills = dict(variables), 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def ask(self, request: Mapping[str, Any], kill_after: float | None = None) -> dict[str, Any] | None:
        """The reply; None when the process was killed before it gave one."""
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        timer = threading.Timer(kill_after, process.kill) if kill_after is not None else None
        if timer:
            timer.start()
        line = process.stdout.readline()
        if timer or line.strip() == "asleep":
            self._end()
            self.kills += 1
        if timer:
            timer.join()
        return json.loads(line) if line.startswith("{") else None

    def _start(self) -> "subprocess.Popen[str]":
        self._process = subprocess.Popen(
            self._command,
            env=self._variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return self._process

    def _end(self) -> None:
        if self._process:
            with self._process:
                self._process.kill()
            self._process = None


class StubbornDevice:
    """Sends each request with faults and kills first, and then until it is answered, and once more."""

    def __init__(self, api: KilledFunction, chance: random.Random) -> None:
        self._api, self._chance, self._number = api, chance, 0

    def post(self, who: Caller, target: str, body: Mapping[str, Any]) -> Answer:
        """The answer. A repetition gets the same one."""
        self._number += 1
        key = f"drill-{self._number}"
        if self._chance.random() < 0.5:
            self._api.ask(self._event(who, target, body, key) | {"_fault": self._chance.choice(FAULTS)})
        if self._chance.random() < 0.5:
            self._api.ask(self._event(who, target, body, key), self._chance.uniform(0, LONGEST_WAIT))
        answers: list[Answer] = []
        while len(answers) < 2:
            reply = self._api.ask(self._event(who, target, body, key))
            answer = answer_of(reply) if reply and "statusCode" in reply else None
            if answer and (answer.status not in AGAIN or answer.json["code"] == "state_differs"):
                answers.append(answer)
        assert answers[0].text == answers[1].text, (answers[0].text, answers[1].text)
        return answers[0]

    def _event(self, who: Caller, target: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        content = json.dumps(body).encode()
        headers = signed_headers(dict(who.key), "POST", target, content, None)
        headers |= {"content-type": "application/json", "host": "api", "idempotency-key": key}
        return event("POST", target, headers, content)
