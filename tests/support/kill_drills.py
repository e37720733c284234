"""Functions that are killed at any moment: of order intake, and of webhooks. A till or the queue sends again."""

import json
import queue
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from functions.webhooks import send_due_deliveries
from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from stack.signed_requests import signed_headers
from tests.simulators.webhook_receiver import Receiver
from tests.support.paths import ROOT
from tests.support.waiting import wait_until
from tests.support.webhooks import records

# Seconds from the request to the kill: before, in and after its transaction.
KILLED_AFTER = (0.002, 0.01, 0.02, 0.04)
WARM = {"method": "GET", "target": "/v1/orders?limit=1", "body": None}


class Environments:
    """One execution environment after the other, each a process that may be killed."""

    def __init__(self, key: dict[str, str], variables: dict[str, str]) -> None:
        self.key, self.variables, self.kills = key, variables, 0
        self.process: subprocess.Popen[str] | None = None

    def ask(self, request: dict[str, Any], fault: str | None = None, kill_after: float | None = None) -> Answer | None:
        """The answer; None when the process died before it gave one."""
        process = self.process or self._start()
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(self._event(request) | ({"_fault": fault} if fault else {})) + "\n")
        process.stdin.flush()
        if kill_after is not None:
            threading.Timer(kill_after, process.kill).start()
        line = process.stdout.readline()
        if line.strip() == "asleep" or kill_after is not None:
            process.kill()
            self.end()
            self.kills += 1
        reply = json.loads(line) if line.startswith("{") else None
        return answer_of(reply) if reply and "statusCode" in reply else None

    def _event(self, request: dict[str, Any]) -> dict[str, Any]:
        content = b"" if request["body"] is None else json.dumps(request["body"]).encode()
        headers = signed_headers(self.key, request["method"], request["target"], content, None)
        headers |= {"content-type": "application/json", "host": "api"}
        headers |= {"idempotency-key": request["key"]} if "key" in request else {}
        return event(request["method"], request["target"], headers, content)

    def _start(self) -> "subprocess.Popen[str]":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.worker", "functions.orders.api"],
            env=self.variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        # The first request reads the key and opens the connection.
        assert self.ask(WARM)
        return self.process

    def end(self) -> None:
        if self.process:
            with self.process:
                self.process.kill()
            self.process = None


@contextmanager
def environments(key: dict[str, str], variables: dict[str, str]) -> Iterator[Environments]:
    made = Environments(key, variables)
    try:
        yield made
    finally:
        made.end()


def insist(drill: Environments, chance: random.Random, request: dict[str, Any], faults: int = 2) -> dict[str, Any]:
    """Send until there is an answer, as a till does, and then once more. Some of two faults come first."""
    both = [
        chance.choice([("sleep", None), ("cut", None), ("bug", None)]),
        (None, chance.choice(KILLED_AFTER)),
    ]
    for fault, kill_after in chance.sample(both, faults):
        drill.ask(request, fault, kill_after)
    answers: list[Answer] = []
    while len(answers) < 2:
        answer = drill.ask(request)
        if answer and answer.status not in (409, 503):
            answers.append(answer)
    assert answers[0].status in (200, 201), answers[0].text
    assert answers[0].text == answers[1].text
    reply: dict[str, Any] = answers[0].json
    return reply


class WebhookWorker:
    """A process that handles the messages of a shared queue. A killed one gives its message back, as SQS does."""

    def __init__(self, messages: "queue.Queue[dict[str, Any]]", environment: dict[str, str]) -> None:
        self._messages, self._environment = messages, environment
        self._process = self._start()
        self._ends = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self._ends = True
        self._process.kill()
        self._thread.join()
        self._close()

    def _close(self) -> None:
        self._process.kill()  # one that was started while the worker ended
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.support.killed_worker"]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
        )

    def _work(self) -> None:
        while not self._ends:
            try:
                message = self._messages.get(timeout=0.1)
            except queue.Empty:
                continue
            if not self._handled(message):
                self._messages.put(message)
            self._messages.task_done()

    def _handled(self, message: dict[str, Any]) -> bool:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(records([message])) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError:
            answer = ""
        if not answer and not self._ends:
            self._close()
            self._process = self._start()
        return answer == "[]\n"


def send_after_the_leases(database: MariaDB, receiver: Receiver, messages: int) -> None:
    """No worker is left. The time of their leases passes, and the timer runs, until every message has arrived."""

    def all_arrived() -> bool:
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("UPDATE webhook_deliveries SET leased_until = leased_until - INTERVAL 60 SECOND")
            cursor.execute("UPDATE webhook_deliveries SET next_at = next_at - INTERVAL 60 SECOND")
        send_due_deliveries.handler({}, Context(milliseconds=50_000))
        return len({request.id for request in receiver.requests}) >= messages

    wait_until(all_arrived, pause=0.5)
