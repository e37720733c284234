"""The next job of each printer. Pure: order, gaps, deadlines, leave to begin, cancellation."""

from dataclasses import dataclass, field

from dumbwaiter_agent.jobs import Job

# A ticket out of order is better than none.
GAP_SECONDS = 5.0
# Leave to begin that was asked for and not answered is asked for again.
ASK_AGAIN_SECONDS = 5.0
# A relay names as `after` one of the last few that it sent.
MOST_BEYOND = 100


@dataclass
class Waiting:
    """A journalled job that is not begun. `arrived` and `asked_at` are steady seconds (clock.py)."""

    job: Job
    arrived: float
    asked_at: float | None = None
    granted: bool = False


@dataclass(frozen=True)
class Expire:
    """The deadline has passed; not begun."""

    job: Job


@dataclass(frozen=True)
class Ask:
    """Ask the relay for leave to begin."""

    job: Job


@dataclass(frozen=True)
class Begin:
    """Print it now."""

    job: Job


@dataclass(frozen=True)
class Idle:
    """Nothing to do before `until` (steady seconds), or before something changes."""

    until: float | None = None


Step = Expire | Ask | Begin | Idle


@dataclass
class _Queue:
    cursor: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    # Delivered behind a gap: seq → after.
    after_by_seq: dict[int, int] = field(default_factory=dict)
    active: str | None = None


def _behind_a_gap(queue: _Queue, job: Job) -> bool:
    """Whether the job before it has not come. Not the one before that: each gap is waited for once."""
    return (job.after or 0) > queue.cursor and job.after not in queue.after_by_seq


class Desk:
    """The queues of one agent's printers."""

    def __init__(self, cursors: dict[str, int] | None = None) -> None:
        self.confirm = False
        self.standby = False
        # The printers are left to another agent: nothing begins.
        self.paused = False
        self._queues = {printer: _Queue(cursor) for printer, cursor in (cursors or {}).items()}

    def _queue(self, printer: str) -> _Queue:
        return self._queues.setdefault(printer, _Queue())

    def cursor(self, printer: str) -> int:
        """The highest `seq` up to which everything that the relay sent was seen."""
        return self._queue(printer).cursor

    def cursors(self) -> dict[str, int]:
        """Of every printer that ever had a job."""
        return {printer: queue.cursor for printer, queue in self._queues.items() if queue.cursor}

    def waiting(self, printer: str) -> int:
        """How many jobs are not begun."""
        return len(self._queue(printer).waiting)

    def see(self, job: Job) -> int:
        """Count a delivery, new or not. The cursor after it."""
        queue = self._queue(job.printer)
        if job.seq > queue.cursor:
            queue.after_by_seq[job.seq] = 0 if job.after is None else job.after
        if len(queue.after_by_seq) > MOST_BEYOND:  # the gap will not close any more
            del queue.after_by_seq[min(queue.after_by_seq)]
        while joined := [
            seq for seq, after in queue.after_by_seq.items() if after <= queue.cursor or seq <= queue.cursor
        ]:
            queue.cursor = max(queue.cursor, *joined)
            for seq in joined:
                del queue.after_by_seq[seq]
        return queue.cursor

    def add(self, job: Job, now: float) -> None:
        """A new job, journalled."""
        queue = self._queue(job.printer)
        queue.waiting.append(Waiting(job, now))
        queue.waiting.sort(key=lambda waiting: waiting.job.seq)

    def begin_at_once(self, job: Job, relay_now: float, *, ready: bool) -> bool:
        """Take a job that is just coming as the one that prints; False where anything is before it, or forbids it."""
        queue = self._queue(job.printer)
        free = ready and not (queue.active or queue.waiting or self.standby or self.paused or self.confirm)
        if not free or _behind_a_gap(queue, job) or relay_now >= job.deadline:
            return False
        queue.active = job.id
        return True

    def grant(self, job_id: str) -> None:
        """Leave to begin; for a job that is not here any more it means nothing."""
        for waiting in self._all():
            if waiting.job.id == job_id:
                waiting.granted = True

    def forget_grants(self) -> None:
        """On a new connection: what was granted on another one may have gone to another agent."""
        for waiting in self._all():
            waiting.granted, waiting.asked_at = False, None

    def cancel(self, job_id: str) -> bool:
        """Take a job out. False if it is begun, or not here."""
        for queue in self._queues.values():
            for waiting in queue.waiting:
                if waiting.job.id == job_id:
                    queue.waiting.remove(waiting)
                    return True
        return False

    def step(self, printer: str, now: float, relay_now: float, *, ready: bool, sure: bool = True) -> Step:
        """The next step on a printer that is free. `Begin` and `Expire` take the job out of the queue.

        `now` is steady, `relay_now` the relay's clock; not `ready`: the printer cannot print. Not `sure`: that clock is
        a guess, so what is late by it waits.
        """
        queue = self._queue(printer)
        if queue.active:
            return Idle()
        in_time = [waiting for waiting in queue.waiting if relay_now < waiting.job.deadline]
        if sure and len(in_time) < len(queue.waiting):
            late = next(waiting for waiting in queue.waiting if waiting not in in_time)
            queue.waiting.remove(late)
            return Expire(late.job)
        if not in_time:
            return Idle()
        soonest = now + min(waiting.job.deadline for waiting in in_time) - relay_now
        if not ready or self.standby or self.paused:
            return Idle(soonest)
        again = self._not_yet(queue, in_time[0], now)
        if isinstance(again, float):
            return Idle(min(soonest, again))
        return again or self._begin(queue, in_time[0])

    def _not_yet(self, queue: _Queue, head: Waiting, now: float) -> Ask | float | None:
        """The step or the wait before the first job of the queue may begin."""
        gap_ends = head.arrived + GAP_SECONDS
        if _behind_a_gap(queue, head.job) and now < gap_ends:
            return gap_ends
        if not self.confirm or head.granted:
            return None
        if head.asked_at is not None and now < head.asked_at + ASK_AGAIN_SECONDS:
            return head.asked_at + ASK_AGAIN_SECONDS
        head.asked_at = now
        return Ask(head.job)

    @staticmethod
    def _begin(queue: _Queue, head: Waiting) -> Begin:
        queue.waiting.remove(head)
        queue.active = head.job.id
        return Begin(head.job)

    def put_back(self, job: Job, now: float) -> None:
        """Not begun after all: the printer turned out not to be ready."""
        self.done(job)
        self.add(job, now)
        for waiting in self._queue(job.printer).waiting:
            waiting.granted = waiting.granted or waiting.job.id == job.id

    def done(self, job: Job) -> None:
        """The printer is free again."""
        self._queue(job.printer).active = None

    def _all(self) -> list[Waiting]:
        return [waiting for queue in self._queues.values() for waiting in queue.waiting]
