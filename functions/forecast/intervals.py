"""P10, P50 and P90 around a forecast, from how far past forecasts were off."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from functions.forecast.features import Table

if TYPE_CHECKING:
    from functions.forecast.ensemble import Pool

Values = NDArray[np.float32]
BLOCKS = (0, 7, 14, 1000)  # horizons up to
QUANTILES = (0.1, 0.5, 0.9)
FLOOR = 0.03


@dataclass(frozen=True)
class Intervals:
    """`shares[block]` are the quantiles of past errors, in units of the store's usual one, by horizon block."""

    shares: tuple[tuple[float, ...], ...] = ()

    @classmethod
    def fit(cls, pool: "Pool", centre: Values) -> "Intervals":
        """Residuals of several past origins together: one window is one draw of the calendar."""
        scaled = (pool.truth - centre) / _scale(pool.spread)
        shares = []
        for low, high in pairwise(BLOCKS):
            near = (pool.horizon > low) & (pool.horizon <= high)
            shares.append(tuple(np.quantile(scaled[near] if near.any() else scaled, QUANTILES).tolist()))
        return cls(tuple(shares))

    def around(self, centre: Values, table: Table) -> tuple[Values, Values, Values]:
        """p10, p50, p90 in revenue."""
        block = np.searchsorted(BLOCKS[1:-1], table.rows.horizon)
        shares = np.array(self.shares)[block]
        scale = _scale(table.columns["spread"])
        low, middle, high = (np.exp(centre + shares[:, at] * scale) for at in range(3))
        return low, middle, high

    def document(self) -> Any:
        """As JSON."""
        return self.shares

    @classmethod
    def read(cls, document: Any) -> "Intervals":
        return cls(tuple(tuple(block) for block in document))


def _scale(spread: Values) -> Values:
    return np.maximum(spread, FLOOR)
