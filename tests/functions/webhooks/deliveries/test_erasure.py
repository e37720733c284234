"""A guest who asked to be erased is in no later request, and in no row of webhooks."""

from datetime import UTC, datetime, timedelta

from functions.orders.on_member_forgotten import erase_member
from functions.webhooks import send_due_deliveries
from shared.contracts.ids import member_id
from shared.contracts.messages import Message
from shared.contracts.messages.members import MemberForgotten
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.simulators.webhook_receiver import Answer, Receiver
from tests.support.orders import Caller, an_order
from tests.support.webhooks import Webhooks

GUEST = {"member": "card-4711-anna", "name": "Anna Karenina", "phone": "+8613800000001", "address": "Nevsky 1"}


def test_an_erased_guest_is_in_no_later_try(
    webhooks: Webhooks, receiver: Receiver, call: Caller, store: str, env: Environment, database: MariaDB
) -> None:
    webhook = webhooks.create(receiver.url(), guest=True)
    receiver.answer = lambda _path, _message: Answer(500)
    assert call("POST", "/v1/orders", an_order(store, guest=GUEST)).status == 201
    webhooks.pump()
    assert receiver.requests[0].message["data"]["order"]["guest"]["name"] == "Anna Karenina"
    member = member_id("demo", GUEST["member"])
    data = MemberForgotten(member=member, chain="demo", external_ids=[GUEST["member"]])
    erase_member(Message("m", "member.forgotten", f"member/{member}", datetime.now(UTC), 1, None, data), env)
    receiver.answer = lambda _path, _message: Answer(200)
    env.clock = lambda: datetime.now(UTC) + timedelta(minutes=2)
    send_due_deliveries.handler({}, Context(milliseconds=50_000))
    again = receiver.requests[1]
    assert again.id == receiver.requests[0].id
    assert receiver.fits(again, webhook["secret"])
    assert [value for value in GUEST.values() if value in again.body.decode()] == []
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for table in ("webhook_deliveries", "webhook_endpoints"):
            cursor.execute(f"SELECT * FROM {table}")
            rows = repr(cursor.fetchall())
            assert [value for value in GUEST.values() if value in rows] == []
