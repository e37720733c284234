"""How likely a member comes back, and what for: BG/NBD and Gamma-Gamma, scored in plain Python.

BG/NBD: Fader, Hardie and Lee, "Counting Your Customers the Easy Way" (Marketing Science 24, 2005), equations 8 and 10.
Gamma-Gamma: Fader and Hardie, "The Gamma-Gamma Model of Monetary Value" (2013). Time is in weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

DAYS_A_WEEK = 7
SMALLEST_TERM = 1e-12
LARGEST_EXPONENT = 700.0
# At a = 1 equation 10 is 0 / 0; this far from it, it is its limit to five digits.
BESIDE = 1e-6


@dataclass(frozen=True)
class Summary:
    """A member's repeats: `frequency` of them, the last `recency` weeks after the first purchase, of which it is
    `age` weeks today. `spent` is the mean amount of a repeat, in minor units."""

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

    def alive(self, found: Summary) -> float:
        """The probability that the member will ever buy again; who bought once is alive by the model's definition."""
        if found.frequency == 0:
            return 1.0
        return 1 / (1 + self._gone(found))

    def purchases_within(self, found: Summary, weeks: float) -> float:
        """Days with a purchase to be expected in the coming weeks (equation 10)."""
        r, alpha, b, x = self.r, self.alpha, self.b, found.frequency
        a = self.a if abs(self.a - 1) > BESIDE else 1 + BESIDE
        until = alpha + found.age + weeks
        series = hypergeometric(r + x, b + x, a + b + x - 1, weeks / until)
        came: float = (a + b + x - 1) / (a - 1) * (1 - ((alpha + found.age) / until) ** (r + x) * series)
        return came / (1 + (self._gone(found) if x else 0.0))

    def mean_spent(self, found: Summary) -> float:
        """The mean amount of a purchase day to be expected, in minor units."""
        x = found.frequency
        return self.p * (self.v + x * found.spent) / (self.p * x + self.q - 1)

    def _gone(self, found: Summary) -> float:
        """Odds that the member has left."""
        x = found.frequency
        ratio: float = (self.alpha + found.age) / (self.alpha + found.recency)
        # By logarithms: who came on hundreds of days and stays away has odds that no float holds.
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
    """From the ordinals of the days with purchases, oldest first, and the mean amount of those after the first.

    Days are counted to `today`, or to the last purchase where that is later.
    """
    end = max(today, days[-1])
    return Summary(len(days) - 1, (days[-1] - days[0]) / DAYS_A_WEEK, (end - days[0]) / DAYS_A_WEEK, spent)
