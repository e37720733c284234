"""A worker of webhooks in a process of its own, to kill it: `python -m tests.support.killed_worker`.

It calls the function of the queue for each event that it reads, a line each. It answers with the failures.
"""

import json
import sys

from functions.webhooks import on_public_message
from stack.gateway_event import Context


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # functions log to standard output
    for line in sys.stdin:
        failures = on_public_message.handler(json.loads(line), Context(milliseconds=60_000))["batchItemFailures"]
        print(json.dumps(failures), file=answers, flush=True)


if __name__ == "__main__":
    main()
