"""A fake chat service as a program, with its phone. Its log lies in a file and survives its death.

`python -m tests.simulators.chat --channel telegram --port 18090 --phone 18091 --file chat.jsonl`.
"""

import argparse
import signal
from pathlib import Path

from tests.simulators.chat.fakes import FAKES, fake_chat
from tests.simulators.chat.phone import Phone
from tests.simulators.faults import Seeded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channel", choices=sorted(FAKES), default="telegram")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--phone", type=int, default=0, help="the port of the page")
    parser.add_argument("--file", type=Path, help="the log of arrivals, in JSON lines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.0, help="the share of requests that meet a fault")
    parser.add_argument("--faults", default="", help="kinds of faults, separated by commas")
    arguments = parser.parse_args()
    with (
        fake_chat(arguments.channel, arguments.port, file=arguments.file) as fake,
        Phone(fake, arguments.phone) as phone,
    ):
        if arguments.share:
            fake.fail(Seeded(arguments.seed, arguments.share, arguments.faults.split(",")))
        print(f"Chat: {fake.url} Phone: {phone.url}", flush=True)  # noqa: T201 - the line that its starter waits for
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # before threads are started
    main()
