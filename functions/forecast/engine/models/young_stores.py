"""Young stores: the variance that a total has in a store's first months, beyond that of an older store.

Its level is known from a few days. And it grows or falls after the opening, by an amount that differs by store.
"""

import numpy as np

from functions.forecast.engine.arrays import Floats, Indices, Values
from functions.forecast.engine.signals.baseline import LEVEL_GAIN

# Days open, after which the variance of a level that is smoothed with this gain no longer falls (Hyndman et al. 2008).
SETTLED_AGE = 2 / LEVEL_GAIN - 1
GROWTH_DAYS = 45  # days open in which the deviation by growth halves
# Without young stores in the past, their totals are expected to be off by this share at the opening.
USUAL_GROWTH, LARGEST_GROWTH = 0.2, 1.0
PRIOR_STORES = 10  # the usual growth counts as much as this many young stores of the chain
YOUNG_AGE = 90  # days open


def own_and_level(days: Indices, age: Values) -> Floats:
    """By store: the variance of a total of so many days with that of a young level, over the days' own variance.

    The level of a store that was open for n days has 1 / n of the variance of a day. All days of a total share it. An
    older store's level has 1 / `SETTLED_AGE`, which `Span.store_variance` includes.
    """
    level: Floats = np.maximum(1 / np.maximum(age.astype(float), 1) - 1 / SETTLED_AGE, 0)
    return 1 + days * level


def growth_share(age: Values) -> Floats:
    """By store: the part of the variance by growth that is left after so many days open."""
    share: Floats = 0.25 ** (age.astype(float) / GROWTH_DAYS)
    return share


def growth_variance(excess: Floats, weights: Floats, store: Indices, age: Values) -> float:
    """The variance of a total by growth at the opening, over the squared total.

    `excess` is a past total's squared error beyond all other variances. The mean of the chain's young stores is shrunk
    to the usual growth by their number.
    """
    young = age < YOUNG_AGE
    stores, share = len(np.unique(store[young])), growth_share(age)
    if not stores:
        return USUAL_GROWTH**2
    observed = (weights * excess * share)[young].sum() / (weights * share**2)[young].sum()
    observed = float(np.clip(observed, 0, LARGEST_GROWTH))
    return (PRIOR_STORES * USUAL_GROWTH**2 + stores * observed) / (PRIOR_STORES + stores)
