"""An execution environment of its own: a process that calls a handler with the events it reads, a line each.

`python -m tests.support.worker MODULE` answers each line with one of JSON: the handler's reply, or {"raised": type}.
An event may carry "_fault": "bug" makes the work raise, "cut" ends its connection, "sleep" makes it hang inside its
transaction.
"""

import importlib
import json
import sys
import time
from contextlib import contextmanager
from typing import Any

from shared.spine.db import Database
from stack.gateway_event import Context


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # functions log to standard output
    handler = importlib.import_module(sys.argv[1]).handler
    transaction = Database.transaction
    for line in sys.stdin:
        event = json.loads(line)
        fault = event.pop("_fault", None)

        @contextmanager
        def faulty(database: Database, fault: Any = fault) -> Any:
            with transaction(database) as opened:
                yield opened
                if fault == "sleep":
                    opened.execute("SELECT SLEEP(0)")
                    print("asleep", file=answers, flush=True)
                    time.sleep(3600)
                if fault == "cut":
                    opened.execute("KILL CONNECTION_ID()")
                if fault == "bug":
                    raise ZeroDivisionError

        Database.transaction = faulty  # type: ignore[method-assign,assignment]
        try:
            reply = handler(event, Context())
        except Exception as failure:  # noqa: BLE001 - as Lambda's runtime does
            reply = {"raised": type(failure).__name__}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()
