"""Messages open and end alerts, in any order and number of deliveries."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.console import on_change
from functions.console.alerts.kinds import BY_NAME, TYPES
from functions.console.live.topics import BY_TYPE
from shared.contracts.ids import new_id
from shared.spine.env import Environment
from shared.spine.rights import RIGHTS
from stack.gateway_event import Context
from stack.mariadb import MariaDB

Message = dict[str, Any]
ORDER = {"id": "o1", "chain": "demo", "store": "s1", "source": {"number": "n-7"}, "differences": [{}, {}]}


def message(message_type: str, data: dict[str, Any], subject: str, sequence: int) -> Message:
    now = datetime.now(UTC)
    return {
        "specversion": "1.0", "id": new_id(now), "type": message_type, "source": "/dumbwaiter/test",
        "subject": subject, "time": now.isoformat(), "datacontenttype": "application/json",
        "dataschema": "urn:x:1", "sequence": sequence, "data": data,
    }  # fmt: skip


def failing(sequence: int, failures: int) -> Message:
    data = {"chain": "demo", "system": "erp", "reason": "down", "failures": failures}
    return message("sync.system_failing", data, "system/x", sequence)


def recovered(sequence: int) -> Message:
    return message("sync.system_recovered", {"chain": "demo", "system": "erp"}, "system/x", sequence)


def deliver(*messages: Message) -> None:
    records = [
        {
            "messageId": str(number), "receiptHandle": "r", "body": json.dumps(body),
            "attributes": {"ApproximateReceiveCount": "1"}, "eventSourceARN": "arn:aws:sqs:us-east-1:0:console",
        }
        for number, body in enumerate(messages)
    ]  # fmt: skip
    assert on_change.handler({"Records": records}, Context()) == {"batchItemFailures": []}


def stored(database: MariaDB) -> list[tuple[str, str, bool, Any]]:
    """(kind, subject, open, facts) of each alert."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT kind, subject, resolved_at IS NULL, facts FROM alerts ORDER BY kind")
        return [
            (kind, subject, bool(is_open), json.loads(facts)) for kind, subject, is_open, facts in cursor.fetchall()
        ]


def test_an_order_that_differs_opens_an_alert_once(env: Environment, database: MariaDB) -> None:
    del env
    differs = message("order.differs", {"order": ORDER}, "order/o1", 2)
    deliver(differs, differs)
    deliver(differs)
    facts = {"order": "o1", "number": "n-7", "points": 2}
    assert stored(database) == [("order_differs", "order/o1", True, facts)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_newest_message_decides_in_any_order(env: Environment, database: MariaDB, order: tuple[int, ...]) -> None:
    del env
    messages = [failing(1, 3), recovered(2), failing(3, 6)]
    for location in order:
        deliver(messages[location], messages[location])
    [(kind, _, is_open, facts)] = stored(database)
    assert (kind, is_open, facts["failures"]) == ("system_failing", True, 6)
    deliver(recovered(4))
    assert [row[2] for row in stored(database)] == [False]


def test_only_a_day_with_another_sum_in_the_drawer_is_an_alert(env: Environment, database: MariaDB) -> None:
    del env
    report = {"chain": "demo", "store": "s1", "day": "2026-03-01", "number": 4, "currency": "USD"}
    for sequence, drawer in ((4, {"difference": 0}), (5, {}), (6, {"difference": -150})):
        data = {"report": report | {"number": sequence, "drawer": drawer}}
        deliver(message("day.closed", data, "day/demo:s1", sequence))
    facts = {"day": "2026-03-01", "number": 6, "currency": "USD", "difference": -150}
    assert stored(database) == [("day_difference", "day/demo:s1", True, facts)]


NOTICE = "01KAJX5T00Q8V3ZK5N7YB2C4D6"


def notice_is(database: MariaDB, state: str) -> None:
    """The notice stands so in the table of outlets."""
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(
            "REPLACE INTO outlet_notices (notice_id, chain_id, store_id, order_id, version, state, language, document,"
            " created_at, limit_at) VALUES (%s, 'demo', 'demo:s1', 'o1', 1, %s, 'en', '{}', NOW(), NOW())",
            (NOTICE, state),
        )


def of_notice(message_type: str, sequence: int, **more: Any) -> Message:
    data = {"notice": NOTICE, "order": "o1", "chain": "demo", "store": "s1", "version": 1} | more
    return message(message_type, data, f"notice/{NOTICE}", sequence)


def test_an_outlet_that_does_not_answer_is_an_alert_until_it_does(env: Environment, database: MariaDB) -> None:
    del env
    notice_is(database, "sent")
    escalated = of_notice("outlet.escalated", 3, action="call", messages=1)
    deliver(of_notice("outlet.notice_changed", 2, state="sent"), escalated, escalated)
    facts = {"notice": NOTICE, "order": "o1", "action": "call"}
    assert stored(database) == [("outlet_escalated", f"notice/{NOTICE}", True, facts)]
    deliver(of_notice("outlet.notice_changed", 4, state="read"))
    assert [row[2] for row in stored(database)] == [True]
    deliver(of_notice("outlet.notice_changed", 5, state="cancelled"))
    assert [row[2] for row in stored(database)] == [False]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_an_answer_ends_the_alert_in_any_order(env: Environment, database: MariaDB, order: tuple[int, ...]) -> None:
    del env
    notice_is(database, "confirmed")
    messages = [
        of_notice("outlet.escalated", 3, action="call"),
        of_notice("outlet.order_answered", 4, state="confirmed"),
    ]
    for location in order:
        deliver(messages[location], messages[location])
    assert [row for row in stored(database) if row[2]] == []


def test_an_answer_without_an_alert_stores_nothing(env: Environment, database: MariaDB) -> None:
    del env
    deliver(
        of_notice("outlet.order_answered", 2, state="confirmed"), of_notice("outlet.notice_changed", 3, state="sent")
    )
    assert stored(database) == []


def test_a_robot_that_lost_its_service_is_an_alert_of_the_chain_until_it_works(
    env: Environment, database: MariaDB
) -> None:
    del env
    robot = {"chain": "demo", "robot": "main", "channel": "wecom"}
    deliver(message("outlet.robot_failing", robot | {"failure": "token"}, "robot/demo:main", 1))
    facts = {"robot": "main", "channel": "wecom", "failure": "token"}
    assert stored(database) == [("outlet_robot", "robot/demo:main", True, facts)]
    deliver(message("outlet.robot_recovered", robot, "robot/demo:main", 2))
    assert [row[2] for row in stored(database)] == [False]


def test_each_kind_has_a_right_and_a_topic_of_its_own_messages() -> None:
    assert {right for kind in BY_NAME.values() for right in (kind.right, kind.settles)} <= RIGHTS
    for kind in BY_NAME.values():
        assert ("alerts", kind.right) in BY_TYPE[kind.opens]
    assert set(BY_TYPE) >= TYPES
