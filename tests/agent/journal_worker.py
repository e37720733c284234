"""A program that works on a journal and is killed: says what it has done, line by line, on its output.

`steps`: one job through all steps, waiting after each until its input says go on. `busy`: jobs as fast as it can.
"""

import sys
from pathlib import Path

from dumbwaiter_agent.jobs import Evidence, Job, Outcome, State
from dumbwaiter_agent.journal import Journal

PRINTED = Outcome(State.PRINTED, Evidence.ECHO, written=3, copies=1)


def job(seq: int) -> Job:
    return Job(f"j{seq}", "p", seq, seq - 1, 1e10, "kitchen")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def steps(journal: Journal) -> None:
    say("opened")
    sys.stdin.readline()
    journal.keep(job(1), b"abc", 0, 1.0)
    say("kept")
    sys.stdin.readline()
    journal.begin("j1", 2.0)
    say("begun")
    sys.stdin.readline()
    journal.end("j1", PRINTED, 3.0)
    say("ended")
    sys.stdin.readline()
    journal.note(["j1"])
    say("noted")
    sys.stdin.readline()


def busy(journal: Journal) -> None:
    for seq in range(1, 1_000_000):
        say(f"keep {seq}")
        journal.keep(job(seq), b"abc", seq - 1, 1.0)
        say(f"begin {seq}")
        journal.begin(f"j{seq}", 2.0)
        say(f"end {seq}")
        journal.end(f"j{seq}", PRINTED, 3.0)


if __name__ == "__main__":
    {"steps": steps, "busy": busy}[sys.argv[1]](Journal(Path(sys.argv[2])))
