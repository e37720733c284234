"""The operations chat hears of problems and recoveries in groups."""

import time
from collections.abc import Callable

from functions.outlets.tables.alerts import insert_alert, update_alert_ended
from tests.simulators.chat.fake import FakeChat
from tests.support.outlets import Outlets


def test_many_alerts_are_one_message_a_minute_and_a_recovery_is_told(
    outlets: Outlets, telegram: FakeChat, moved_clock: Callable[[float], None]
) -> None:
    outlets.add_person("operations", "bot", "9001")
    now = outlets.env.clock()
    with outlets.env.db.transaction() as transaction:
        for number in range(500):
            insert_alert(transaction, "demo", "chat_dead", f"chat {number:03}", "gone", now)
    outlets.look()
    outlets.look()
    [told] = telegram.arrivals
    assert told.chat == "9001"
    assert "… and 480 more" in told.text
    with outlets.env.db.transaction() as transaction:
        assert update_alert_ended(transaction, "demo", "chat_dead", "chat 007", now)
        # One that began and ended unheard is not told.
        insert_alert(transaction, "demo", "chat_dead", "blip", "gone", now)
        assert update_alert_ended(transaction, "demo", "chat_dead", "blip", now)
    moved_clock(61)
    time.sleep(1.2)  # Telegram takes one message a second in a chat.
    outlets.look()
    [_, recovered] = telegram.arrivals
    assert "Recovered" in recovered.text
    assert "chat 007" in recovered.text
    assert "blip" not in recovered.text
