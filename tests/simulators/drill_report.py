"""The judge of a drill: the paper of every printer against the jobs and the alerts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.printer import Ticket

ENDED = {"printed", "failed", "unknown", "expired", "cancelled"}


@dataclass
class Report:
    """The result of a drill. `violations` must be empty."""

    seed: int
    orders: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __str__(self) -> str:
        verdict = f"{len(self.violations)} violations {self.violations[:5]}" if self.violations else "no violation"
        return (
            f"seed {self.seed}: {self.orders} orders in {self.seconds:.0f} s, jobs {dict(self.states)}, "
            f"faults {dict(self.faults)}: {verdict}"
        )


def judge(
    report: Report,
    numbers: dict[str, str],
    papers: Iterable[tuple[str, Ticket]],
    jobs: Iterable[dict[str, Any]],
    alerted: set[str],
) -> None:
    """Each ticket is once on the paper of its printer, or a person was alerted of its job.

    `numbers`: the number on paper by order. `papers`: (printer, ticket). `alerted`: jobs of which a person was alerted.
    """
    paper: dict[tuple[str, str], list[Ticket]] = defaultdict(list)
    for name, ticket in papers:
        if number_on_paper := re.search(r"D\d{7}", ticket.text):
            paper[number_on_paper[0], name].append(ticket)
    jobs = list(jobs)
    for order in set(numbers) - {job["order_id"] for job in jobs}:
        report.violations.append(f"order {order} has no job")
    for job in jobs:
        report.states[job["state"]] += 1
        tickets = paper.pop((numbers[job["order_id"]], job["printer"]), [])
        if trouble := _trouble(job, tickets, alerted):
            report.violations.append(f"{job['state']} {job['id']}: {trouble}")
    report.violations += [f"{key}: on paper twice, or of no job" for key in paper]


def _trouble(job: dict[str, Any], tickets: list[Ticket], alerted: set[str]) -> str | None:
    """The fault of a job and its paper, if any."""
    unmarked = [ticket for ticket in tickets if "REPRINT" not in ticket.text]
    cut_off = [ticket for ticket in unmarked if ticket.cut]
    if len(unmarked) > 1:
        return f"{len(unmarked)} times on paper without a mark"
    match job["state"]:
        case "printed" if len(cut_off) != 1:
            return "not on paper"
        case "failed" | "expired" if tickets:
            return "on paper"
        case "unknown" | "failed" | "expired" if job["id"] not in alerted:
            return "no person was alerted"
        case state if state not in ENDED:
            return "has not ended"
    return None
