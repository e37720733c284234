"""What is said of print jobs, agents and printers. `store` is unique within `chain`, which old messages lack."""

from datetime import datetime
from typing import Literal

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData


class PrintJobMessage(MessageData):
    """Base of those about a print job: one ticket for one printer. `reprint` counts from 1, 0 is the first print."""

    job: Ulid
    store: str
    chain: str = ""
    order: Ulid | None
    kind: str
    station: str | None
    printer: str
    reprint: int


class PrintOrderPlanned(MessageData):
    """An order is for later: its receipts, or its other tickets, print from `begins_at` on, unless it is called off."""

    type = "print.order_planned"
    order: Ulid
    store: str
    chain: str
    receipts: bool
    begins_at: datetime


class PrintJobQueued(PrintJobMessage):
    """A ticket waits for its printer; with `moved_from` in place of a job whose printer could not print."""

    type = "print.job_queued"
    deadline: datetime
    moved_from: Ulid | None = None


class PrintJobEnded(PrintJobMessage):
    """Base of a job's ends. `evidence` A to E and `code` are the print link's; `agent` is who told."""

    code: str | None = None
    evidence: str | None = None
    agent: str | None = None


class PrintJobPrinted(PrintJobEnded):
    """It is on paper; `copies` 2: once more behind a mark that says so."""

    type = "print.job_printed"
    copies: int = 1


class PrintJobFailed(PrintJobEnded):
    """Nothing came out, and never will."""

    type = "print.job_failed"


class PrintJobUnknown(PrintJobEnded):
    """Nobody can say whether it is on paper; a person looks."""

    type = "print.job_unknown"


class PrintJobExpired(PrintJobEnded):
    """It was not begun before its deadline, and is not printed any more."""

    type = "print.job_expired"


class PrintJobCancelled(PrintJobEnded):
    """It was withdrawn before it was begun."""

    type = "print.job_cancelled"


class PrintJobResolved(PrintJobMessage):
    """A person has looked: it was `on_paper`, is printed `again`, or is given up (`dismissed`)."""

    type = "print.job_resolved"
    resolution: Literal["on_paper", "again", "dismissed"]
    by: str


class PrintingNeedsPerson(PrintJobMessage):
    """A ticket that only a person can help: `unknown`, `failed`, `expired`, or `waiting` for too long."""

    type = "printing.needs_person"
    reason: Literal["unknown", "failed", "expired", "waiting"]
    code: str | None = None


class PrintingAgentMessage(MessageData):
    """Base of those about a store's print agent."""

    agent: str
    store: str
    name: str
    chain: str = ""


class PrintingAgentOnline(PrintingAgentMessage):
    """It is there again, or for the first time."""

    type = "printing.agent_online"


class PrintingAgentOffline(PrintingAgentMessage):
    """Nothing was heard of it for two heartbeats and five seconds."""

    type = "printing.agent_offline"
    seen_at: datetime


class PrintingAgentCopied(PrintingAgentMessage):
    """Its identity is used twice, as a disk image does that is started elsewhere; a person says which one is right.

    `other_machine`: the other one was refused. `two_connections`: neither gets a job.
    """

    type = "printing.agent_copied"
    reason: Literal["other_machine", "two_connections"]


class PrintingPrinterChanged(PrintingAgentMessage):
    """A printer's state as its agent told it; the members are the print link's `printer` frame."""

    type = "printing.printer_changed"
    printer: str
    state: str
    before: str | None
    paper: str | None = None
    cover: str | None = None
    error: str | None = None
    trouble: str | None = None
    can_print: bool
