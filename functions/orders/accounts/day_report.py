"""The report of a day from its figures, with the counted money. Pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from functions.orders.accounts.account import CASH
from functions.orders.accounts.day_figures import Figures, Name
from shared.contracts.messages import Document
from shared.contracts.messages.days import (
    CashMove,
    DayReport,
    DiscountTakings,
    Drawer,
    HourTakings,
    LateDay,
    PersonTakings,
    ServiceTakings,
    TaxTakings,
    TenderTakings,
)
from shared.contracts.store_record import Store

# The report is a message: texts of tills, such as names of persons, must not make it larger than a message may be.
MOST_ROWS = 200
OTHERS = "…"

Row = TypeVar("Row", bound=Document)


@dataclass(frozen=True)
class DrawerCount:
    """The counted money by tender, with the float and the movements of the drawer."""

    counted: Mapping[str, int] = field(default_factory=dict)
    opening_float: int = 0
    moves: tuple[CashMove, ...] = ()


def report_of(figures: Figures, store: Store, day: date, count: DrawerCount, **about: Any) -> DayReport:
    """The report of the figures. `about` has the fields that are no sums: number, person and so on."""
    sums = {name[1]: amount for name, amount in figures.items() if name[0] == "report"}
    drawer = _drawer(figures, count)
    return DayReport(
        store=store.id,
        chain=store.settings.chain,
        day=day,
        currency=store.settings.currency,
        taxes=_rows(figures, "tax", ("id", "name", "percent", "inclusive"), TaxTakings),
        discounts=_rows(figures, "discount", ("kind", "code"), DiscountTakings),
        tenders=list(_tenders(figures, count, drawer)),
        services=_rows(figures, "service", ("service",), ServiceTakings),
        hours=_rows(figures, "hour", ("hour",), HourTakings),
        persons=_rows(figures, "person", ("person",), PersonTakings),
        late=[row for row in _rows(figures, "late", ("day",), LateDay) if row.day < day],
        drawer=drawer,
        **{str(name): amount for name, amount in sums.items()},
        **about,
    )


def _rows(figures: Figures, kind: str, keys: tuple[str, ...], model: type[Row]) -> list[Row]:
    """A row for each value of the keys, sorted by them. Rows above `MOST_ROWS` of texts are summed up in one."""
    groups: dict[Name, dict[str, Any]] = {}
    for name, amount in figures.items():
        if name[0] == kind and amount:
            groups.setdefault(name[1:-1], {})[str(name[-1])] = amount
    rows = [dict(zip(keys, group, strict=True)) | groups[group] for group in sorted(groups, key=_sorted_by)]
    return [model.model_validate(row) for row in _limited(rows, keys[-1])]


def _sorted_by(group: Name) -> tuple[tuple[bool, str], ...]:
    return tuple((key is not None, f"{key:02}" if isinstance(key, int) else str(key)) for key in group)


def _limited(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    if len(rows) <= MOST_ROWS or key not in ("code", "person"):
        return rows
    remainder = rows[MOST_ROWS - 1] | {key: OTHERS}
    for row in rows[MOST_ROWS:]:
        remainder |= {name: remainder.get(name, 0) + amount for name, amount in row.items() if isinstance(amount, int)}
    return [*rows[: MOST_ROWS - 1], remainder]


def _drawer(figures: Figures, count: DrawerCount) -> Drawer:
    paid, refunded = figures["drawer", "paid"], figures["drawer", "refunded"]
    differences = figures["drawer", "change_differences"]
    expected = count.opening_float + paid + differences - refunded + sum(move.amount for move in count.moves)
    counted = next((amount for method, amount in count.counted.items() if method.casefold() == CASH), None)
    return Drawer(
        opening_float=count.opening_float,
        paid=paid,
        refunded=refunded,
        change_differences=differences,
        moves=list(count.moves),
        expected=expected,
        counted=counted,
        difference=None if counted is None else counted - expected,
    )


def _tenders(figures: Figures, count: DrawerCount, drawer: Drawer) -> Iterator[TenderTakings]:
    """The tenders with the counted money. Of cash, the drawer's float and movements are expected too."""
    rows = _rows(figures, "tender", ("method",), TenderTakings)
    missing = set(count.counted) - {row.method for row in rows}
    for row in [*rows, *(TenderTakings(method=method) for method in sorted(missing))]:
        cash = (row.method or "").casefold() == CASH
        expected = drawer.expected if cash else row.amount + row.tips - row.refunded - row.tips_refunded
        counted = count.counted.get(row.method or "")
        difference = None if counted is None else counted - expected
        yield row.model_copy(update={"expected": expected, "counted": counted, "difference": difference})
