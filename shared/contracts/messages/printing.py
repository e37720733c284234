"""Messages about print jobs, agents and printers. `store` is unique in `chain`, which old messages lack."""

from datetime import datetime
from typing import Literal

from shared.contracts.ids import Ulid
from shared.contracts.messages import MessageData, left_out


class PrintJobMessage(MessageData):
    """Base of print job messages: one ticket for one printer. `reprint` counts from 1; 0 is the first print."""

    job: Ulid
    store: str
    chain: str = ""
    order: Ulid | None
    kind: str
    station: str | None
    printer: str
    reprint: int


class PrintOrderPlanned(MessageData):
    """An order is scheduled. Its receipts, or its other tickets, print from `begins_at` on, unless it is cancelled."""

    type = "print.order_planned"
    order: Ulid
    store: str
    chain: str
    receipts: bool
    begins_at: datetime


class PrintJobQueued(PrintJobMessage):
    """A ticket waits for its printer. `moved_from` is the job that it replaces, because that job's printer failed.

    `reason` is why a person printed the ticket again.
    """

    type = "print.job_queued"
    deadline: datetime
    moved_from: Ulid | None = None
    reason: str | None = left_out(None)


class PrintJobEnded(PrintJobMessage):
    """Base of a job's ends. `evidence` A to E and `code` are the print link's; `agent` reported the end."""

    code: str | None = None
    evidence: str | None = None
    agent: str | None = None


class PrintJobPrinted(PrintJobEnded):
    """The ticket is on paper. `copies` 2 means that it printed again behind a mark."""

    type = "print.job_printed"
    copies: int = 1


class PrintJobFailed(PrintJobEnded):
    """No paper came out, and none will."""

    type = "print.job_failed"


class PrintJobUnknown(PrintJobEnded):
    """It is not known whether the ticket is on paper; a person looks."""

    type = "print.job_unknown"


class PrintJobExpired(PrintJobEnded):
    """The job had not begun at its deadline, and does not print."""

    type = "print.job_expired"


class PrintJobCancelled(PrintJobEnded):
    """The job was withdrawn before it began."""

    type = "print.job_cancelled"


class PrintJobResolved(PrintJobMessage):
    """A person decided: the ticket was `on_paper`, prints `again`, or is not needed (`dismissed`)."""

    type = "print.job_resolved"
    resolution: Literal["on_paper", "again", "dismissed"]
    by: str


class PrintingNeedsPerson(PrintJobMessage):
    """A job needs a person: it is `unknown`, `failed`, `expired`, or `waiting` for too long."""

    type = "printing.needs_person"
    reason: Literal["unknown", "failed", "expired", "waiting"]
    code: str | None = None


class PrintingAgentMessage(MessageData):
    """Base of the messages about a store's print agent."""

    agent: str
    store: str
    name: str
    chain: str = ""


class PrintingAgentOnline(PrintingAgentMessage):
    """The agent is on line, again or for the first time."""

    type = "printing.agent_online"


class PrintingAgentOffline(PrintingAgentMessage):
    """The relay had no frame of the agent for two heartbeats and five seconds."""

    type = "printing.agent_offline"
    seen_at: datetime


class PrintingAgentCopied(PrintingAgentMessage):
    """Two machines use the agent's identity, as after a copy of the disk. A person names the right one.

    `other_machine`: the relay refused the second machine. `two_connections`: neither machine gets a job.
    """

    type = "printing.agent_copied"
    reason: Literal["other_machine", "two_connections"]


class PrintingPrinterChanged(PrintingAgentMessage):
    """A printer's state changed, as its agent reports; the fields are those of the print link's `printer` frame."""

    type = "printing.printer_changed"
    printer: str
    state: str
    before: str | None
    paper: str | None = None
    cover: str | None = None
    error: str | None = None
    trouble: str | None = None
    can_print: bool
