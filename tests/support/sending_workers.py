"""Workers that send chat messages, to kill them: `python -m tests.support.sending_workers --workers 16`.

The program forks its workers and forks another one for each that dies. It prints their process ids, a line each. A
worker looks for due messages without a pause. Some have a clock that is wrong by minutes. With a queue, the workers
also take the messages about orders from it, and make due steps.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from subprocess import PIPE, Popen
from typing import Any

import boto3

from functions.outlets import on_order
from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Scope, Window
from functions.outlets.escalation.steps import make_due_steps
from functions.outlets.sending import sender, windows
from shared.contracts.messages import read_message
from shared.spine.clock import utc_now
from shared.spine.env import Environment
from shared.spine.settings import read_settings
from tests.support.paths import ROOT

LOOKS_BETWEEN_SETTLING = 20
# Workers without work must not take the processor from the service, whose log is the judge.
PAUSE = 0.2


class Quick:
    """A channel with other windows. All else is the channel's own."""

    def __init__(self, channel: Any, own: tuple[Window, ...]) -> None:
        self._channel, self.windows = channel, own

    def __getattr__(self, name: str) -> Any:
        return getattr(self._channel, name)


def quicken(count: int, seconds: float, lease: float) -> None:
    """Each channel has one window, for its robot. A lease ends after so many seconds."""
    for name, channel in list(CHANNELS.items()):
        CHANNELS[name] = Quick(channel, (Window(count, seconds, Scope.ROBOT),))
    windows.LEASE_MICROSECONDS = int(lease * 1_000_000)
    sender.LEASE = timedelta(seconds=lease)


def work(offset: float, queue: str = "") -> None:
    """Send until this process is killed."""
    env = Environment(read_settings(), clock=lambda: utc_now() + timedelta(seconds=offset))
    orders = Orders(env, queue) if queue else None
    for look in range(sys.maxsize):
        if look % LOOKS_BETWEEN_SETTLING == 0:
            sender.settle_lost(env)
        did = orders.follow() + make_due_steps(env) if orders else 0
        if not sender.send_round(env) and not did:
            time.sleep(PAUSE)


class Orders:
    """The consumer of a queue of messages about orders. A message is deleted when its transaction is over."""

    def __init__(self, env: Environment, queue: str) -> None:
        self._env, self._queue = env, queue
        self._sqs = boto3.client("sqs")

    def follow(self) -> int:
        """Take at most ten messages. Returns their number."""
        taken = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in taken:
            on_order.tell_outlet(read_message(message["Body"], on_order.OrderMoved), self._env)
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return len(taken)


class Workers:
    """The program from outside."""

    def __init__(self, process: "Popen[str]") -> None:
        self._process = process
        self._ids: list[int] = []

    def kill_one(self, chance: random.Random) -> None:
        """SIGKILL to a worker; another one takes its place."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(f"{chance.randrange(1_000)}\n")
            self._process.stdin.flush()

    def close(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process.wait(30)


@contextmanager
def sending_workers(environment: dict[str, str], *options: str) -> Iterator[Workers]:
    """Workers that end with the block."""
    command = [sys.executable, "-m", "tests.support.sending_workers", *options]
    with open(os.devnull, "w") as silence:  # noqa: PTH123 - a device
        process = Popen(command, cwd=ROOT, env=environment, stdin=PIPE, stdout=silence, stderr=silence, text=True)
    workers = Workers(process)
    try:
        yield workers
    finally:
        workers.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--count", type=int, default=20, help="messages in a window")
    parser.add_argument("--seconds", type=float, default=3.0, help="the length of a window")
    parser.add_argument("--lease", type=float, default=20.0)
    parser.add_argument("--queue", default="", help="the address of a queue of messages about orders")
    parser.add_argument("--wrong-clocks", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument(
        "--unstamped", action="store_true", help="break the limiter: slots are stamped at the claim alone"
    )
    arguments = parser.parse_args()
    # A worker that loads it between its renewal and its call takes longer than its lease on a machine with much else.
    import_module("shared.kit.outside.client")
    quicken(arguments.count, arguments.seconds, arguments.lease)
    if arguments.unstamped:
        windows.LEASE_MICROSECONDS = 0
        vars(sender)["update_slots_stamped"] = lambda *_: None
    clocks = [0.0, 300.0, 0.0, -300.0] if arguments.wrong_clocks else [0.0]
    _supervise(arguments.workers, clocks, arguments.queue)


def _supervise(count: int, clocks: Sequence[float], queue: str) -> None:
    """One line on standard input kills a worker; the end of the input kills all."""
    alive = [_forked(clocks[number % len(clocks)], queue) for number in range(count)]
    for line in sys.stdin:
        place = int(line) % count
        os.kill(alive[place], signal.SIGKILL)
        os.waitpid(alive[place], 0)
        alive[place] = _forked(clocks[place % len(clocks)], queue)
    for worker in alive:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def _forked(offset: float, queue: str) -> int:
    child = os.fork()
    if child == 0:
        sys.stdin.close()
        while True:
            with contextlib.suppress(Exception):  # a database that is busy: the next look is another try
                work(offset, queue)
            time.sleep(0.1)
    return child


if __name__ == "__main__":
    main()
