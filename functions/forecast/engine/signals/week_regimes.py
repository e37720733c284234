"""Week regimes: whole weeks of a chain that sell more or less, detected from revenue if no promotions are known.

Method: weeks are clustered by k-means with k = 2 (Lloyd 1982). The next regime comes from an order-3 context model (a
Markov chain with variable order), or from the same week one year ago. Bayes' rule decides which of the two is used.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.forecast.engine.arrays import Flags, Floats, Indices, Values

WEEK, WEEKS_AHEAD = 7, 7
PROFILE_WEEKS, LEAST_WEEKS = 8, 12
CONTEXT_WEEKS = 3  # weeks that predict the next regime
# Regimes are used only if they reduced the squared error of the weeks so far by this share over the root of their
# number. By chance, one chain in a hundred passes this test within a year.
REQUIRED_GAIN = 1.3
SHARPNESS = 3  # a probability of 0.8 counts as 0.98
LEAST_WEEKDAY_LIFT = 0.25  # of the largest weekday's lift
CONTEXTS = np.array(list(product((0, 1), repeat=CONTEXT_WEEKS)))
YEAR_WEEKS = 52
AS_LAST_YEAR = 0.95  # probability of last year's regime, for a chain that repeats its last year
# Probability that a chain stays with its predictor for one more week, and the prior that it repeats its last year.
STAYS, REPEATS = 0.9, 0.4
KMEANS_ROUNDS = 10


@dataclass(frozen=True)
class Regime:
    """By row: the probability of the high regime, and how far each regime is from the expected log revenue.

    `lift` belongs to the high regime and `drop` to the low one; both are 0 if there are no regimes.
    """

    probability: Values
    lift: Values
    drop: Values

    @classmethod
    def none(cls, rows: int) -> "Regime":
        """No regimes, for this number of rows."""
        return cls(*(np.zeros(rows, np.float32) for _ in range(3)))

    def at(self, rows: Any) -> "Regime":
        """The rows with these indices."""
        return Regime(self.probability[rows], self.lift[rows], self.drop[rows])


@dataclass(frozen=True)
class WeekRegimes:
    """The regimes of a chain as known at the end of each day; no later day is used. All 0 if there are no regimes.

    - `current[day]`: share of the lift on that day, 0 for the low regime.
    - `probability[origin, week]`: of the high regime, in the origin's week and the weeks after it.
    - `weekday_share[origin, weekday]`: share of the lift; the mean is 1 over weekdays with a lift.
    """

    current: Values
    probability: Values
    weekday_share: Values

    def expected(self, origin: Indices, target: Indices, weekday: Indices) -> Values:
        """By row: the expected share of the lift on the target day; close to that of the likelier regime.

        A value between the two regimes would be wrong for both.
        """
        probability = self.probability_of(origin, target, weekday)
        high, low = probability**SHARPNESS, (1 - probability) ** SHARPNESS
        expected: Values = high / (high + low) * self.weekday_share[origin, weekday[target]]
        return expected

    def probability_of(self, origin: Indices, target: Indices, weekday: Indices) -> Values:
        """By row: the probability at the origin that the target's week is high."""
        weeks_ahead = (target - origin + weekday[origin]) // WEEK
        probability: Values = self.probability[origin, np.minimum(weeks_ahead, WEEKS_AHEAD - 1)]
        return probability

    def regime(self, origin: Indices, target: Indices, weekday: Indices, effect: Values) -> Regime:
        """By row; `effect` is the change of log revenue in the high regime, by row."""
        expected = self.expected(origin, target, weekday)
        lift = (self.weekday_share[origin, weekday[target]] - expected) * effect
        return Regime(self.probability_of(origin, target, weekday), lift, -expected * effect)


def detect(log_revenue: NDArray[np.floating[Any]], weekday: Indices, excluded: Flags) -> WeekRegimes:
    """Regimes of a chain from `log_revenue[store, day]`; `excluded` days, such as holidays, are ignored."""
    days = log_revenue.shape[1]
    regimes = WeekRegimes(*(np.zeros((days, *shape), np.float32) for shape in ((), (WEEKS_AHEAD,), (WEEK,))))
    monday = int(-weekday[0] % WEEK)
    weeks = _weeks(log_revenue, monday, excluded)
    squared_errors: list[tuple[float, float]] = []  # of the weeks so far: by regimes, by their mean
    repeats = REPEATS
    for week in range(LEAST_WEEKS, len(weeks)):
        model = _RegimeModel.fit(weeks[:week], repeats)
        if _is_significant(squared_errors):
            begin = monday + WEEK * week
            for day in range(begin, min(begin + WEEK, days)):
                regimes.weekday_share[day] = model.weekday_share
                regimes.probability[day] = model.probabilities(weeks[week, : day - begin + 1])
                regimes.current[day] = regimes.probability[day, 0] * model.weekday_share[weekday[day]]
        squared_errors += _squared_errors(model, weeks, week)
        repeats = model.updated_repeats(weeks[week])
    return regimes


def _weeks(log_revenue: NDArray[np.floating[Any]], monday: int, excluded: Flags) -> Floats:
    """[week, weekday]: the chain's residuals; NaN on excluded days and after the history."""
    days = log_revenue.shape[1]
    residuals = _residuals(log_revenue)
    residuals[excluded[:days]] = np.nan
    weeks = np.full((max(-(-(days - monday) // WEEK), 0), WEEK), np.nan)
    weeks.ravel()[: max(days - monday, 0)] = residuals[monday:]
    return weeks


def _squared_errors(model: "_RegimeModel", weeks: Floats, week: int) -> list[tuple[float, float]]:
    """Of the week's mean: by the regime model, and by the mean of the weeks before; empty if the week has no data."""
    present = np.isfinite(weeks[week])
    if not present.any():
        return []
    mean = weeks[week][present].mean()
    earlier = weeks[:week, present]
    finite = earlier[np.isfinite(earlier)]
    constant = float(finite.mean()) if len(finite) else 0.0
    return [((mean - model.expected(present)) ** 2, (mean - constant) ** 2)]


def _is_significant(squared_errors: list[tuple[float, float]]) -> bool:
    if len(squared_errors) < LEAST_WEEKS:
        return False
    by_regimes, by_mean = np.sum(squared_errors, axis=0)
    return bool(by_regimes < by_mean * (1 - REQUIRED_GAIN / len(squared_errors) ** 0.5))


@dataclass(frozen=True)
class _RegimeModel:
    """Two regimes learned from whole weeks.

    `means[regime, weekday]` are residuals, `spread` their standard deviation about the means. `by_context[context]` and
    `by_last_year[week]` are probabilities of the high regime; the latter is NaN with less than a year of weeks.
    `context[context]` is the distribution over the last weeks' regimes. `repeats` is the probability that the chain
    repeats its last year.
    """

    means: Floats
    spread: float
    weekday_share: Values
    by_context: Floats
    by_last_year: Floats
    context: Floats
    repeats: float

    @classmethod
    def fit(cls, weeks: Floats, repeats: float) -> "_RegimeModel":
        states, means, spread = _two_means(weeks)
        context = np.zeros(len(CONTEXTS))
        context[states[-CONTEXT_WEEKS:] @ (1 << np.arange(CONTEXT_WEEKS)[::-1])] = 1
        by_last_year = np.full(WEEKS_AHEAD, np.nan)
        if len(states) >= YEAR_WEEKS:
            last_year = states[len(states) - YEAR_WEEKS :][:WEEKS_AHEAD]
            by_last_year[:] = np.where(last_year == 1, AS_LAST_YEAR, 1 - AS_LAST_YEAR)
        return cls(means, spread, _weekday_share(means), _by_context(states), by_last_year, context, repeats)

    def expected(self, present: Flags) -> float:
        """Expected mean of the next week over the `present` weekdays."""
        high = float(self.context @ self._next(0))
        return float((high * self.means[1] + (1 - high) * self.means[0])[present].mean())

    def probabilities(self, week_so_far: Floats) -> Floats:
        """[week]: probability of the high regime, in the week with these first days and the weeks after it."""
        probabilities, context, log_odds = np.zeros(WEEKS_AHEAD), self.context, self._log_odds(week_so_far)
        for week in range(WEEKS_AHEAD):
            high = update_odds(self._next(week), log_odds)
            to_high, to_low, log_odds = context * high, context * (1 - high), 0.0
            probabilities[week] = to_high.sum()
            context = np.zeros(len(CONTEXTS))
            shifted = np.arange(len(CONTEXTS)) << 1 & (len(CONTEXTS) - 1)
            np.add.at(context, shifted, to_low)
            np.add.at(context, shifted | 1, to_high)
        return probabilities

    def updated_repeats(self, week: Floats) -> float:
        """`repeats` after this whole week, by Bayes' rule."""
        if np.isnan(self.by_last_year[0]):
            return self.repeats
        high = update_odds(np.array(0.5), self._log_odds(week))
        predictors = (self.context @ self.by_context, self.by_last_year[0])
        by_context, by_last_year = (p * high + (1 - p) * (1 - high) for p in predictors)
        posterior = self.repeats * by_last_year / (self.repeats * by_last_year + (1 - self.repeats) * by_context)
        return float(STAYS * posterior + (1 - STAYS) * REPEATS)

    def _next(self, week: int) -> Floats:
        """[context]: probability of the high regime by the likelier predictor. A mean of both would fit neither."""
        by_last_year = self.repeats > 0.5  # noqa: PLR2004 - the likelier of two
        return np.full(len(CONTEXTS), self.by_last_year[week]) if by_last_year else self.by_context

    def _log_odds(self, week_so_far: Floats) -> float:
        """Evidence of the days for the high regime, halved because days of a week are not independent."""
        low, high = (week_so_far - mean[: len(week_so_far)] for mean in self.means)
        return float(np.clip(np.nansum(low**2 - high**2) / (2 * self.spread**2) / 2, -20, 20))


def update_odds(probabilities: Floats, log_odds: float) -> Floats:
    """The probabilities after evidence with these log odds."""
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    updated: Floats = 1 / (1 + np.exp(-(np.log(clipped / (1 - clipped)) + log_odds)))
    return updated


def _residuals(log_revenue: NDArray[np.floating[Any]]) -> Floats:
    """[day]: mean over stores of log revenue less that of the last eight same weekdays; NaN if most are closed."""
    stores, days = log_revenue.shape
    residuals = np.full(days, np.nan)
    for day in range(WEEK * (PROFILE_WEEKS // 2), days):
        earlier = log_revenue[:, [d for d in range(day - WEEK, day - WEEK * PROFILE_WEEKS - 1, -WEEK) if d >= 0]]
        finite = np.isfinite(earlier)
        usable = np.isfinite(log_revenue[:, day]) & finite.any(1)
        if usable.sum() * 2 >= stores:
            mean = np.where(finite, earlier, 0)[usable].sum(1) / finite[usable].sum(1)
            residuals[day] = (log_revenue[usable, day] - mean).mean()
    return residuals


def _two_means(weeks: Floats) -> tuple[Indices, Floats, float]:
    """k-means with k = 2: each week's regime (1 is high), the means by weekday, and the spread about them."""
    finite = np.isfinite(weeks)
    zeroed = np.where(finite, weeks, 0)
    level = zeroed.sum(1) / np.maximum(finite.sum(1), 1)
    states = (level > np.median(level[finite.any(1)] if finite.any() else level)).astype(int)
    means = np.zeros((2, WEEK))
    for _ in range(KMEANS_ROUNDS):
        means = np.stack([zeroed[states == k].sum(0) / np.maximum(finite[states == k].sum(0), 1) for k in (0, 1)])
        distance = np.stack([(np.where(finite, weeks - mean, 0) ** 2).sum(1) for mean in means])
        nearest = (distance[1] < distance[0]).astype(int)
        if (nearest == states).all():
            break
        states = nearest
    if means[1].sum() < means[0].sum():
        states, means = 1 - states, means[::-1]
    errors = np.where(finite, weeks - means[states], 0)
    return states, means, float(np.sqrt((errors**2).sum() / max(int(finite.sum()), 1))) + 1e-6


def _weekday_share(means: Floats) -> Values:
    lift = np.maximum(means[1] - means[0], 0)
    lift[lift < LEAST_WEEKDAY_LIFT * lift.max()] = 0
    share: Values = (lift / (lift[lift > 0].mean() if lift.any() else 1)).astype(np.float32)
    return share


def _by_context(states: Indices) -> Floats:
    """[context]: probability that a high week follows; a rare context is shrunk towards the shorter one."""
    probabilities = np.full(len(CONTEXTS), 0.5)
    for length in range(CONTEXT_WEEKS + 1):
        following = states[length:]
        for index, context in enumerate(CONTEXTS):
            matches = np.ones(len(following), bool)
            for back in range(1, length + 1):
                matches &= states[length - back : len(states) - back] == context[-back]
            probabilities[index] = (following[matches].sum() + probabilities[index]) / (matches.sum() + 1)
    return probabilities
