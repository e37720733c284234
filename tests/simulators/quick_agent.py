"""`dumbwaiter-agent` that does not wait a minute for a relay: a test has no minute."""

import sys

from dumbwaiter_agent import relays
from dumbwaiter_agent.__main__ import main

relays.FIRST_SECONDS = 0.05
relays.MOST_SECONDS = 0.3
relays.SPREAD_SECONDS = 0.05
relays.STABLE_SECONDS = 0.1

if __name__ == "__main__":
    sys.exit(main())
