"""The rooms of printing and the arrows between them, counted from imports."""

from tests.support.structure import arrows, circle

MOST_ARROWS = 25
# Rooms that know no database and no transaction.
PURE = {"link", "routing", "ticket", "states"}


def test_arrows_between_the_rooms_are_few() -> None:
    edges = arrows("printing")
    assert len(edges) <= MOST_ARROWS, "\n".join(f"{room} → {target}" for room, target in sorted(edges))


def test_rooms_form_no_circle() -> None:
    assert circle(arrows("printing")) == []


def test_pure_rooms_import_pure_rooms_only() -> None:
    assert {target for room, target in arrows("printing") if room in PURE} <= PURE
