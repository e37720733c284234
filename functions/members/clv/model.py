"""The CLV model: BG/NBD for the number of future purchases, Gamma-Gamma for their amounts, in plain Python.

BG/NBD: Fader, Hardie and Lee, "Counting Your Customers the Easy Way" (Marketing Science 24, 2005), equations 8 and 10.
Gamma-Gamma: Fader and Hardie, "The Gamma-Gamma Model of Monetary Value" (2013). Time is in weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

DAYS_A_WEEK = 7
SMALLEST_TERM = 1e-12
LARGEST_EXPONENT = 700.0
# At a = 1 equation 10 is 0 / 0. At this distance it equals its limit to five digits.
DISTANCE_FROM_ONE = 1e-6


@dataclass(frozen=True)
class Summary:
    """A member's repeat purchases: their number (`frequency`) and their mean amount in minor units (`spent`).

    `recency` is weeks from the first purchase to the last, `age` is weeks from the first purchase to today.
    """

    frequency: int
    recency: float
    age: float
    spent: float = 0.0


@dataclass(frozen=True)
class Model:
    """r, alpha, a, b of BG/NBD; p, q, v of Gamma-Gamma, for amounts in minor units."""

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float

    def alive(self, summary: Summary) -> float:
        """The probability that the member will buy again. It is 1 by definition after a single purchase."""
        if summary.frequency == 0:
            return 1.0
        return 1 / (1 + self._gone(summary))

    def purchases_within(self, summary: Summary, weeks: float) -> float:
        """The expected number of days with a purchase in the next weeks (equation 10)."""
        r, alpha, b, x = self.r, self.alpha, self.b, summary.frequency
        a = self.a if abs(self.a - 1) > DISTANCE_FROM_ONE else 1 + DISTANCE_FROM_ONE
        until = alpha + summary.age + weeks
        series = hypergeometric(r + x, b + x, a + b + x - 1, weeks / until)
        purchases: float = (a + b + x - 1) / (a - 1) * (1 - ((alpha + summary.age) / until) ** (r + x) * series)
        return purchases / (1 + (self._gone(summary) if x else 0.0))

    def mean_spent(self, summary: Summary) -> float:
        """The expected mean amount of a day with a purchase, in minor units."""
        x = summary.frequency
        return self.p * (self.v + x * summary.spent) / (self.p * x + self.q - 1)

    def _gone(self, summary: Summary) -> float:
        """The odds that the member has left."""
        x = summary.frequency
        ratio: float = (self.alpha + summary.age) / (self.alpha + summary.recency)
        # By logarithms: the odds of a member with hundreds of days who stays away are too large for a float.
        return self.a / (self.b + x - 1) * exp(min((self.r + x) * log(ratio), LARGEST_EXPONENT))


def hypergeometric(a: float, b: float, c: float, z: float) -> float:
    """Gauss's 2F1 for 0 ≤ z < 1, by its series."""
    total, term, n = 1.0, 1.0, 0
    while abs(term) > SMALLEST_TERM * abs(total):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        n += 1
    return total


def summary_of(days: Sequence[int], spent: float, today: int) -> Summary:
    """The summary of ordinals of days with purchases, the oldest first. `spent` is the mean amount after the first day.

    `age` ends at `today`, or at the last purchase if that is later.
    """
    end = max(today, days[-1])
    return Summary(len(days) - 1, (days[-1] - days[0]) / DAYS_A_WEEK, (end - days[0]) / DAYS_A_WEEK, spent)
