"""python -m stack up|down|run: the whole suite on this machine, in the background or with demo orders."""

import argparse
import contextlib
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from demo import run as demo
from stack import children, mariadb
from stack.addresses import ROOT
from stack.deploy import alone
from stack.stack import Stack
from stack.terminal import say


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds the stack (default: .local)")
    arguments = parser.parse_args()
    for number in children.ENDINGS:
        signal.signal(number, _leave)
    try:
        COMMANDS[arguments.command](Stack(arguments.root))
    except (mariadb.CannotStart, TimeoutError) as error:
        print(error, file=sys.stderr)
        return 1
    except BaseException as failure:  # noqa: BLE001 - it raises what no signal is behind
        return children.ending_behind(failure)
    return 0


def up(stack: Stack) -> None:
    was_up = stack.running()
    stack.up()
    place = stack.place
    stores = demo.open_stores(place)
    if not was_up:
        stack.wake_sweeper()
    say(f"Orders:   {place.http}/v1/orders")
    say(f"Stores:   {', '.join(stores)}")
    say(f"Console:  {place.console}")
    person = place.people["head_office"]
    say(f"Sign in:  {person['email']} with the password {person['password']}")
    state = "Up. It was before." if was_up else "Up."
    say(f"{state} All addresses and keys are in {stack.root / 'stack.json'}; `make down` stops it.")


def down(stack: Stack) -> None:
    stack.down()
    say(f"Down; nothing is left running. The data stays in {stack.root}.")


def run(stack: Stack) -> None:
    addresses = stack.root / "stack.json"
    refusal = f"`make run` is at work already. Its addresses are in {addresses}. End it with Ctrl-C where it began."
    with alone(stack.root / "run.lock", refusal):
        try:
            up(stack)
            with contextlib.suppress(KeyboardInterrupt):
                demo.run(stack)
        finally:
            say("\nStopping ...")
            down(stack)


COMMANDS = {"up": up, "down": down, "run": run}


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    # The impatient press twice: the second time must not end the first one's cleaning up.
    children.deaf()
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
