"""What can be set about training; the defaults are meant for chains that nobody has seen yet."""

from dataclasses import asdict, dataclass
from typing import Any

HORIZON = 30


@dataclass(frozen=True)
class Settings:
    """Days, counts of rows and rounds; nothing here was chosen for one data set alone.

    `validation_share` is that of rows and rounds with which a small chain's members are tried.
    """

    history_days: int = 730
    horizon: int = HORIZON
    rows: int = 200_000
    rounds: int = 200
    learning_rate: float = 0.07
    truncated_share: float = 0.3
    validation_days: tuple[int, ...] = (30, 90, 150)
    validation_share: float = 0.5
    threads: int = 2
    coverage: float = 0.8

    def document(self) -> dict[str, Any]:
        """As JSON; `Settings.read` takes it back."""
        return asdict(self)

    @classmethod
    def read(cls, document: dict[str, Any]) -> "Settings":
        """The settings that `document` was made of."""
        return cls(**{**document, "validation_days": tuple(document["validation_days"])})
