"""The fit of BG/NBD and Gamma-Gamma by maximum likelihood, by the papers named in `functions.members.clv.model`.

It needs numpy and scipy, so only the nightly function imports it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from functions.members.clv.model import Model, Summary

# With fewer members that repeat, the likelihood has no sharp maximum.
FEWEST_REPEATERS = 50


def fit(summaries: Sequence[Summary]) -> Model | None:
    """The model of these members. None if too few repeat, or if the amounts have no mean."""
    repeating = [summary for summary in summaries if summary.frequency and summary.spent > 0]
    if len(repeating) < FEWEST_REPEATERS:
        return None
    r, alpha, a, b = fit_returns(summaries)
    p, q, v = fit_amounts(repeating)
    if q <= 1:
        return None
    return Model(r, alpha, a, b, p, q, v)


def fit_returns(summaries: Sequence[Summary]) -> tuple[float, float, float, float]:
    """r, alpha, a, b of BG/NBD (equation 6)."""
    x = np.array([summary.frequency for summary in summaries], dtype=float)
    recency = np.array([summary.recency for summary in summaries])
    age = np.array([summary.age for summary in summaries])

    def log_likelihood(logs: Any) -> Any:
        r, alpha, a, b = np.exp(logs)
        gammas = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        # A member without a repeat cannot have left after a repeat.
        repeats = np.maximum(x, 1)
        leaves = betaln(a + 1, b + repeats - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency)
        return np.sum(gammas + np.where(x > 0, np.logaddexp(stays, leaves), stays))

    r, alpha, a, b = _highest(log_likelihood, [1.0, max(float(np.mean(age)) / 4, 0.1), 1.0, 1.0])
    return r, alpha, a, b


def fit_amounts(summaries: Sequence[Summary]) -> tuple[float, float, float]:
    """p, q, v of Gamma-Gamma, for members with repeats."""
    x = np.array([summary.frequency for summary in summaries], dtype=float)
    spent = np.array([summary.spent for summary in summaries])
    # In units of the mean, so that the search does not depend on the currency.
    unit = float(np.mean(spent))
    mean = spent / unit

    def log_likelihood(logs: Any) -> Any:
        p, q, v = np.exp(logs)
        gammas = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        return np.sum(gammas + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(x * mean + v))

    p, q, v = _highest(log_likelihood, [1.0, 2.0, 1.0])
    return p, q, v * unit


def _highest(log_likelihood: Callable[[Any], Any], start: Sequence[float]) -> list[float]:
    """The positive parameters with the highest likelihood."""

    def negated(logs: Any) -> Any:
        return -log_likelihood(logs)

    logs = np.log(start)
    for _ in range(3):
        # Restarted where it ended: a simplex may shrink before it reaches the maximum.
        logs = minimize(negated, logs, method="Nelder-Mead", options={"maxiter": 5_000, "xatol": 1e-7, "fatol": 1e-7}).x
    return [float(parameter) for parameter in np.exp(logs)]
