"""An outlet is paused, or takes orders again. Each pause has a number, so that the newest one holds everywhere."""

from datetime import datetime

from functions.outlets.tables.alerts import insert_alert, update_alert_ended
from functions.outlets.tables.settings import lock_outlet, update_pause
from shared.contracts.messages.outlets import OutletPauseChanged, pause_subject
from shared.spine.outbox import Work

PAUSED = "outlet_paused"
BY_RULE, BY_OUTLET, BY_HEAD_OFFICE = "rule", "outlet", "head_office"


def change_pause(work: Work, store: str, until: datetime | None, cause: str, now: datetime) -> bool:
    """Whether the outlet exists. The store hears of the pause, or of its end, by a message."""
    outlet = lock_outlet(work, store)
    if outlet is None:
        return False
    sequence = outlet.pause_sequence + 1
    update_pause(work, store, until, sequence)
    if until is None:
        update_alert_ended(work, outlet.chain, PAUSED, store, now)
    else:
        detail = f"No orders of guests and platforms before {until:%Y-%m-%d %H:%M} UTC."
        insert_alert(work, outlet.chain, PAUSED, store, detail, now)
    chain, _, own = store.partition(":")
    message = OutletPauseChanged(chain=chain, store=own, paused_until=until, cause=cause)
    work.announce(message, subject=pause_subject(store), sequence=sequence, store=store)
    return True
