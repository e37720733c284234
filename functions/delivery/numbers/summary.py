"""The summary of deliveries and messages of some days: counts, and p50 and p90 of the stages."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from functions.delivery.states import Carriage, Goods

# (from, to) of each stage, as states of a delivery. The first two begin with the order.
STAGES: Mapping[str, tuple[str, str]] = {
    "pack": (Goods.TO_PICK, Goods.PACKED),
    "assign": (Goods.TO_PICK, Carriage.ACCEPTED),
    "to_store": (Carriage.ACCEPTED, Carriage.AT_STORE),
    "wait": (Goods.PACKED, Carriage.PICKED_UP),
    "ride": (Carriage.PICKED_UP, Carriage.DELIVERED),
    "total": (Goods.TO_PICK, Carriage.DELIVERED),
}
FROM_ORDER = Goods.TO_PICK
FAILED = frozenset({Carriage.FAILED, Carriage.RETURNING, Carriage.RETURNED})
# A delay of messages is kept as the number of its tenth of a decade of milliseconds: an error of 26 % at most.
STEPS_A_DECADE = 10


@dataclass(frozen=True)
class Outcome:
    """A delivery as the numbers need it. `scheduled`: the customer chose the time, so waiting for it is no delay."""

    carriage: Carriage
    times: Mapping[str, datetime]
    wanted_until: datetime
    scheduled: bool
    declines: int
    stars: int | None
    complained: bool


@dataclass(frozen=True)
class Delays:
    """Messages by the step of their delay until the first fetch; `unfetched` were not fetched yet."""

    by_step: Counter[int] = field(default_factory=Counter)
    unfetched: int = 0

    def __add__(self, other: "Delays") -> "Delays":
        """Both together."""
        return Delays(self.by_step + other.by_step, self.unfetched + other.unfetched)

    def seconds(self, share: float) -> float | None:
        """The delay within which this share of the fetched messages came: the upper end of its step, in seconds."""
        wanted, seen = ceil(share * self.by_step.total()), 0
        for step, messages in sorted(self.by_step.items()):
            seen += messages
            if seen >= wanted > 0:
                return round(10 ** ((step + 1) / STEPS_A_DECADE) / 1000, 3)
        return None


@dataclass(frozen=True)
class Percentiles:
    """The median and the 90th percentile, in minutes."""

    p50: float
    p90: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below this share of the values (nearest rank). `values` are sorted."""
    return values[max(ceil(share * len(values)), 1) - 1]


def stage_minutes(outcomes: Iterable[Outcome]) -> dict[str, Percentiles | None]:
    """p50 and p90 of each stage; None where no delivery had both ends."""
    outcomes = list(outcomes)
    return {stage: _percentiles(outcomes, *ends) for stage, ends in STAGES.items()}


def count_outcomes(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Counts of deliveries by how they ended, and of declines and complaints."""
    delivered = [outcome for outcome in outcomes if outcome.carriage == Carriage.DELIVERED]
    return {
        "deliveries": len(outcomes),
        "delivered": len(delivered),
        "on_time": sum(outcome.times[Carriage.DELIVERED] <= outcome.wanted_until for outcome in delivered),
        "failed": sum(outcome.carriage in FAILED for outcome in outcomes),
        "cancelled": sum(outcome.carriage == Carriage.CANCELLED for outcome in outcomes),
        "declines": sum(outcome.declines for outcome in outcomes),
        "complaints": sum(outcome.complained for outcome in outcomes),
    }


def mean_stars(outcomes: Iterable[Outcome]) -> float | None:
    """The mean of the stars that customers gave."""
    stars = [outcome.stars for outcome in outcomes if outcome.stars is not None]
    return round(sum(stars) / len(stars), 2) if stars else None


def _percentiles(outcomes: Iterable[Outcome], begin: str, end: str) -> Percentiles | None:
    minutes = sorted(
        (outcome.times[end] - outcome.times[begin]).total_seconds() / 60
        for outcome in outcomes
        if begin in outcome.times and end in outcome.times and not (begin == FROM_ORDER and outcome.scheduled)
    )
    # A packer may pack after the pickup was noted by a till: nobody waited then.
    minutes = [max(value, 0.0) for value in minutes]
    if not minutes:
        return None
    return Percentiles(round(percentile(minutes, 0.5), 1), round(percentile(minutes, 0.9), 1))
