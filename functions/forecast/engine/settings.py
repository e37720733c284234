"""Settings of training. The defaults are meant for chains with unknown data."""

from dataclasses import asdict, dataclass
from typing import Any

HORIZON = 30
LONGEST_SILENCE = 28  # days without a row, after which a store counts as closed for good


@dataclass(frozen=True)
class Settings:
    """Days, rows and rounds of boosting; no default was chosen for one data set alone.

    - `rows`: training rows in all. `truncated_share`: share of stores that are copied with a late opening.
    - `validation_days`: days before the end at which calibration windows begin.
    - `validation_share`: share of rows and rounds with which a small chain's calibration models are trained.
    - `coverage`: share of days whose revenue is to lie between P10 and P90.
    """

    history_days: int = 730
    horizon: int = HORIZON
    rows: int = 200_000
    rounds: int = 200
    learning_rate: float = 0.07
    truncated_share: float = 0.3
    validation_days: tuple[int, ...] = (30, 90, 150)
    validation_share: float = 0.5
    threads: int = 1
    coverage: float = 0.8

    def document(self) -> dict[str, Any]:
        """The settings as JSON values; `Settings.read` is the inverse."""
        return asdict(self)

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Settings":
        """The settings from `document()`."""
        return cls(**{**document, "validation_days": tuple(document["validation_days"])})
