"""Fitting BG/NBD and Gamma-Gamma by maximum likelihood, as the papers named in `functions.members.clv.model` do.

Needs numpy and scipy, so only the nightly function imports it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from functions.members.clv.model import Model, Summary

# With fewer repeats than this the likelihood has no sharp top.
FEWEST_REPEATERS = 50


def fit(found: Sequence[Summary]) -> Model | None:
    """The model of these members, or None where too few came back to tell, or what they spend has no mean."""
    repeating = [each for each in found if each.frequency and each.spent > 0]
    if len(repeating) < FEWEST_REPEATERS:
        return None
    r, alpha, a, b = fit_returns(found)
    p, q, v = fit_amounts(repeating)
    if q <= 1:
        return None
    return Model(r, alpha, a, b, p, q, v)


def fit_returns(found: Sequence[Summary]) -> tuple[float, float, float, float]:
    """r, alpha, a, b of BG/NBD (equation 6)."""
    x = np.array([each.frequency for each in found], dtype=float)
    recency, age = np.array([each.recency for each in found]), np.array([each.age for each in found])

    def log_likelihood(logs: Any) -> Any:
        r, alpha, a, b = np.exp(logs)
        gammas = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        # Who never came back cannot have left after coming back.
        repeats = np.maximum(x, 1)
        leaves = betaln(a + 1, b + repeats - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency)
        return np.sum(gammas + np.where(x > 0, np.logaddexp(stays, leaves), stays))

    r, alpha, a, b = _highest(log_likelihood, [1.0, max(float(np.mean(age)) / 4, 0.1), 1.0, 1.0])
    return r, alpha, a, b


def fit_amounts(found: Sequence[Summary]) -> tuple[float, float, float]:
    """p, q, v of Gamma-Gamma, of members with repeats."""
    x = np.array([each.frequency for each in found], dtype=float)
    spent = np.array([each.spent for each in found])
    # In units of the mean: the search then does not depend on the currency.
    unit = float(np.mean(spent))
    mean = spent / unit

    def log_likelihood(logs: Any) -> Any:
        p, q, v = np.exp(logs)
        gammas = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        return np.sum(gammas + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(x * mean + v))

    p, q, v = _highest(log_likelihood, [1.0, 2.0, 1.0])
    return p, q, v * unit


def _highest(log_likelihood: Callable[[Any], Any], start: Sequence[float]) -> list[float]:
    """The positive parameters at the top."""

    def lost(logs: Any) -> Any:
        return -log_likelihood(logs)

    logs = np.log(start)
    for _ in range(3):
        # Begun again from where it ended: a simplex may shrink before it is there.
        logs = minimize(lost, logs, method="Nelder-Mead", options={"maxiter": 5_000, "xatol": 1e-7, "fatol": 1e-7}).x
    return [float(each) for each in np.exp(logs)]
