"""Old notices go with their messages and steps. Documents of forgotten guests are emptied at once."""

from collections.abc import Callable
from datetime import timedelta

from functions.outlets.drop_old_notices import drop_old_notices
from tests.support.outlets import Outlets

Move = Callable[[float], None]
TABLES = ("outlet_notices", "outlet_messages", "outlet_steps")
DAY = 24 * 3600


def counts(outlets: Outlets) -> list[int]:
    with outlets.env.db.transaction() as transaction:
        return [transaction.rows(f"SELECT COUNT(*) AS rows_of FROM {table}")[0]["rows_of"] for table in TABLES]


def drop(outlets: Outlets) -> None:
    drop_old_notices(outlets.env, outlets.env.clock() + timedelta(minutes=5))


def test_notices_stay_for_sixty_days(outlets: Outlets, store: str, moved_clock: Move) -> None:
    outlets.place(store)
    kept = counts(outlets)
    assert min(kept) > 0
    moved_clock(59 * DAY)
    drop(outlets)
    assert counts(outlets) == kept
    moved_clock(2 * DAY)
    drop(outlets)
    assert counts(outlets) == [0, 0, 0]


def test_the_document_of_a_forgotten_guest_is_emptied(outlets: Outlets, store: str) -> None:
    forgotten, other = outlets.place(store), outlets.place(store)
    with outlets.env.db.transaction() as transaction:
        transaction.execute(
            "INSERT INTO erased_orders (order_id, erased_at) VALUES (%(order)s, UTC_TIMESTAMP())", {"order": forgotten}
        )
    drop(outlets)
    numbers = {notice["order"]: notice["number"] for notice in outlets.notices()}
    assert numbers[forgotten] is None
    assert numbers[other] is not None
