"""A change of an order that the close of a day has counted: the next close takes it off and counts it again."""

from zoneinfo import ZoneInfo

from functions.orders.accounts.day_figures import order_figures
from functions.orders.intake import store_copies
from functions.orders.tables.day_closes import insert_correction
from functions.orders.tables.orders import StoredOrder
from shared.contracts.messages.orders import Order
from shared.spine.env import Environment
from shared.spine.outbox import Work


def correct_sale(env: Environment, work: Work, stored: StoredOrder, order: Order) -> None:
    """Store the counted figures of a locked order, if its change to `order` alters them.

    No close counts imported history, nor corrects it. The statements run for a counted order alone.
    """
    if not stored.counted:
        return
    store = store_copies.recent_copy(env, work, order.store_key)
    timezone = ZoneInfo(store.settings.timezone)
    counted = order_figures(stored.order, timezone)
    if counted != order_figures(order, timezone):
        insert_correction(work, order, stored.last_sequence + 1, counted)
