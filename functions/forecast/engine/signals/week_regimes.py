"""Whole weeks that sell more than others by turns, where nobody told of promotions: found, and expected to go on."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
WEEK, WEEKS_AHEAD = 7, 7
HABIT_WEEKS, LEAST_WEEKS = 8, 12
MEMORY = 3  # weeks that say which comes next
# Turns are believed in where, week after week so far, they told the next week with so much less squared error, over the
# root of the number of weeks. By chance one chain in a hundred has as much within a year.
BETTER = 1.3
DECIDED = 3  # 0.8 counts as 0.98
TAKES_PART = 0.25  # of the most lifted weekday's lift
CONTEXTS = np.array(list(product((0, 1), repeat=MEMORY)))
# A chain goes on as it is used to, or as it did a year ago; which of them holds for ten weeks as a rule.
YEAR_WEEKS = 52
AS_PLANNED = 0.95  # the chance of last year's kind, where the chain does as it did
HOLDS, PLANNED = 0.9, 0.4


@dataclass(frozen=True)
class Turn:
    """By row: the chance of a lifted week, and what such a week (`up`) or another (`down`) brings beyond the expected.

    In logarithms; both are 0 where no turns are seen.
    """

    chance: Values
    up: Values
    down: Values


@dataclass(frozen=True)
class Cycle:
    """`lifted[day]`: how far, from 0 to 1, the day seemed lifted on its own evening; nothing later is looked at.

    `chance[origin, week]`: of the week of the origin and those after it; `part[origin, weekday]`: how much of the lift
    each weekday has, 1 on average of those that have any. All 0 where no turns are seen.
    """

    lifted: Values
    chance: Values
    part: Values

    def expected(self, origin: Places, target: Places, weekday: Places) -> Values:
        """What was to be expected of `lifted` on the evening of the origin: of two kinds of week nearly the likelier.

        Misses count by their size, and what lies between two kinds misses both.
        """
        chance = self.of(origin, target, weekday)
        sure, not_so = chance**DECIDED, (1 - chance) ** DECIDED
        found: Values = sure / (sure + not_so) * self.part[origin, weekday[target]]
        return found

    def of(self, origin: Places, target: Places, weekday: Places) -> Values:
        """The chance of the target's week on the evening of the origin."""
        ahead = (target - origin + weekday[origin]) // WEEK
        found: Values = self.chance[origin, np.minimum(ahead, WEEKS_AHEAD - 1)]
        return found

    def turn(self, origin: Places, target: Places, weekday: Places, lift: Values) -> Turn:
        """`lift`: what a lifted day brings each row's store, in logarithms."""
        expected = self.expected(origin, target, weekday)
        up = (self.part[origin, weekday[target]] - expected) * lift
        return Turn(self.of(origin, target, weekday), up, -expected * lift)


def find(logs: NDArray[np.floating[Any]], weekday: NDArray[np.int64], odd: NDArray[np.bool_]) -> Cycle:
    """From logarithms by store and day; `odd` days (holidays and beside them) say nothing."""
    days = logs.shape[1]
    cycle = Cycle(*(np.zeros((days, *more), np.float32) for more in ((), (WEEKS_AHEAD,), (WEEK,))))
    first = int(-weekday[0] % WEEK)
    beyond = _beyond_habit(logs)
    beyond[odd[:days]] = np.nan
    weeks = np.full((max(-(-(days - first) // WEEK), 0), WEEK), np.nan)
    weeks.ravel()[: max(days - first, 0)] = beyond[first:]
    missed: list[tuple[float, float]] = []  # squares, of the weeks so far: by turns, by the mean
    planned = PLANNED
    for week in range(LEAST_WEEKS, len(weeks)):
        turns = _Turns.learned(weeks[:week], planned)
        if _believed(missed):
            begin = first + WEEK * week
            for day in range(begin, min(begin + WEEK, days)):
                cycle.part[day] = turns.part
                cycle.chance[day] = turns.ahead(weeks[week, : day - begin + 1])
                cycle.lifted[day] = cycle.chance[day, 0] * turns.part[weekday[day]]
        there = np.isfinite(weeks[week])
        if there.any():
            mean, known = weeks[week][there].mean(), weeks[:week, there]
            missed.append(((mean - turns.expected(there)) ** 2, (mean - _mean(known)) ** 2))
        planned = turns.planned_after(weeks[week])
    return cycle


@dataclass(frozen=True)
class _Turns:
    """What whole weeks taught: what each kind brings by weekday, the days' spread, which kind follows which.

    `habit[context]` and `plan[week]` are chances of a lifted week; the plan is NaN where no week was a year before.
    """

    means: Floats
    spread: float
    part: Values
    habit: Floats
    plan: Floats
    now: Floats
    planned: float

    @classmethod
    def learned(cls, weeks: Floats, planned: float) -> "_Turns":
        """`planned`: the chance that the chain does as it did a year ago."""
        states, means, spread = _two_kinds(weeks)
        now = np.zeros(len(CONTEXTS))
        now[states[-MEMORY:] @ (1 << np.arange(MEMORY)[::-1])] = 1
        plan = np.full(WEEKS_AHEAD, np.nan)
        if len(states) >= YEAR_WEEKS:
            plan[:] = np.where(states[len(states) - YEAR_WEEKS :][:WEEKS_AHEAD] == 1, AS_PLANNED, 1 - AS_PLANNED)
        return cls(means, spread, _part(means), _after(states), plan, now, planned)

    def expected(self, there: NDArray[np.bool_]) -> float:
        """The mean of these weekdays of the week that comes."""
        lifted = float(self.now @ self._chances(0))
        return float((lifted * self.means[1] + (1 - lifted) * self.means[0])[there].mean())

    def ahead(self, seen: Floats) -> Floats:
        """The chance of the week whose days so far were `seen`, and of those after it."""
        found, now, evidence = np.zeros(WEEKS_AHEAD), self.now, self._evidence(seen)
        for week in range(WEEKS_AHEAD):
            chances = _surer(self._chances(week), evidence)
            up, down, evidence = now * chances, now * (1 - chances), 0.0
            found[week] = up.sum()
            now = np.zeros(len(CONTEXTS))
            after = np.arange(len(CONTEXTS)) << 1 & (len(CONTEXTS) - 1)
            np.add.at(now, after, down)
            np.add.at(now, after | 1, up)
        return found

    def planned_after(self, seen: Floats) -> float:
        """`planned` after this whole week."""
        if np.isnan(self.plan[0]):
            return self.planned
        lifted = _surer(np.array(0.5), self._evidence(seen))
        habit, plan = (c * lifted + (1 - c) * (1 - lifted) for c in (self.now @ self.habit, self.plan[0]))
        likelier = self.planned * plan / (self.planned * plan + (1 - self.planned) * habit)
        return float(HOLDS * likelier + (1 - HOLDS) * PLANNED)

    def _chances(self, week: int) -> Floats:
        """By the likelier of the two: between them, both would be missed."""
        return np.full(len(CONTEXTS), self.plan[week]) if self.planned > 0.5 else self.habit  # noqa: PLR2004 - likelier

    def _evidence(self, seen: Floats) -> float:
        """How much likelier the days are in a lifted week, log odds; days of a week are one draw more than seven."""
        off, on = (seen - mean[: len(seen)] for mean in self.means)
        return float(np.clip(np.nansum(off**2 - on**2) / (2 * self.spread**2) / 2, -20, 20))


def _believed(missed: list[tuple[float, float]]) -> bool:
    if len(missed) < LEAST_WEEKS:
        return False
    by_turns, by_mean = np.sum(missed, axis=0)
    return bool(by_turns < by_mean * (1 - BETTER / len(missed) ** 0.5))


def _surer(chances: Floats, evidence: float) -> Floats:
    """The chances with what the week's own days say."""
    clipped = np.clip(chances, 1e-6, 1 - 1e-6)
    told: Floats = 1 / (1 + np.exp(-(np.log(clipped / (1 - clipped)) + evidence)))
    return told


def _mean(values: Floats) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) else 0.0


def _beyond_habit(logs: NDArray[np.floating[Any]]) -> Floats:
    """By day: the chain's mean beyond each store's last eight same weekdays; NaN where most are closed."""
    stores, days = logs.shape
    found = np.full(days, np.nan)
    for day in range(WEEK * (HABIT_WEEKS // 2), days):
        habit = logs[:, [at for at in range(day - WEEK, day - WEEK * HABIT_WEEKS - 1, -WEEK) if at >= 0]]
        counted = np.isfinite(habit)
        fit = np.isfinite(logs[:, day]) & counted.any(1)
        if fit.sum() * 2 >= stores:
            mean = np.where(counted, habit, 0)[fit].sum(1) / counted[fit].sum(1)
            found[day] = (logs[fit, day] - mean).mean()
    return found


def _two_kinds(weeks: Floats) -> tuple[NDArray[np.int64], Floats, float]:
    """Each week's kind (1 is the higher), what each brings by weekday, and the days' spread about that: k-means."""
    seen = np.isfinite(weeks)
    filled = np.where(seen, weeks, 0)
    level = filled.sum(1) / np.maximum(seen.sum(1), 1)
    states = (level > np.median(level[seen.any(1)] if seen.any() else level)).astype(int)
    means = np.zeros((2, WEEK))
    for _ in range(10):
        means = np.stack([filled[states == k].sum(0) / np.maximum(seen[states == k].sum(0), 1) for k in (0, 1)])
        apart = np.stack([(np.where(seen, weeks - mean, 0) ** 2).sum(1) for mean in means])
        moved = (apart[1] < apart[0]).astype(int)
        if (moved == states).all():
            break
        states = moved
    if means[1].sum() < means[0].sum():
        states, means = 1 - states, means[::-1]
    missed = np.where(seen, weeks - means[states], 0)
    return states, means, float(np.sqrt((missed**2).sum() / max(int(seen.sum()), 1))) + 1e-6


def _part(means: Floats) -> Values:
    lift = np.maximum(means[1] - means[0], 0)
    lift[lift < TAKES_PART * lift.max()] = 0
    part: Values = (lift / (lift[lift > 0].mean() if lift.any() else 1)).astype(np.float32)
    return part


def _after(states: NDArray[np.int64]) -> Floats:
    """The chance that a lifted week follows each context; what was seldom seen leans on the shorter context."""
    chances = np.full(len(CONTEXTS), 0.5)
    for length in range(MEMORY + 1):
        following = states[length:]
        for at, context in enumerate(CONTEXTS):
            same = np.ones(len(following), bool)
            for back in range(1, length + 1):
                same &= states[length - back : len(states) - back] == context[-back]
            chances[at] = (following[same].sum() + chances[at]) / (same.sum() + 1)
    return chances
