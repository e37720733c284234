"""A change of a bill after its judgement by the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.orders.pricing.occasion import Occasion
from shared.contracts.messages.orders import Difference, Line


@dataclass(frozen=True)
class Round:
    """The new lines with the ids of their sender, the new values of other fields, and each point of disagreement.

    `occasion` is that of the change. Its lines were placed at `placed_at`. `stated_at` is the same, of a change that
    states its time.
    """

    lines: list[Line]
    fields: dict[str, Any]
    differences: list[Difference]
    occasion: Occasion
    placed_at: datetime
    stated_at: datetime | None
