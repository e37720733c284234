"""A service that is busy or away loses no order: it is tried for hours, and then the next chat gets the message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.queueing.targets import NOTICE
from functions.outlets.sending.outcomes import decide
from functions.outlets.states import MessageState
from functions.outlets.tables.messages import ChatMessage
from shared.kit.outside.exchange import Answer, Lost, Reply

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MESSAGE = ChatMessage("m", "demo", "demo:s", NOTICE, "n", 0, 0, "demo:bot", "1", "en", NOW)
AWAY = Answer(lost=Lost.NOT_SENT)
BUSY = Answer(Reply(429, {}, b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry later"}'))
TRIES = 40
# 2 + 5 + 15 + 30 + 60 + 120, and then 300 after each of 33 further tries.
SECONDS_AWAY = 232 + 33 * 300


@pytest.mark.parametrize("answer", [AWAY, BUSY], ids=["away", "busy"])
def test_an_order_waits_for_its_service_and_then_goes_to_the_next_chat(answer: Answer) -> None:
    waited = timedelta()
    for tries in range(1, TRIES):
        decision = decide(CHANNELS["telegram"], replace(MESSAGE, attempts=tries), answer, NOW)
        assert decision.message.state is MessageState.WAITING
        # The service surely has nothing: the next try is no repetition.
        assert (decision.message.again, decision.message.doubtful_since) == (False, None)
        waited += decision.message.due_at - NOW
    if answer is AWAY:
        assert waited == timedelta(seconds=SECONDS_AWAY)
    last = decide(CHANNELS["telegram"], replace(MESSAGE, attempts=TRIES), answer, NOW)
    assert (last.message.state, last.fails_over) == (MessageState.FAILED, True)
