"""A robot that cannot be used is marked as failing, and stops no robot of another chain."""

from functions.outlets.health.watching import watch_chats, watch_robots
from tests.simulators.chat.fake import FakeChat
from tests.support.outlets import CHAIN, Outlets

# No key of the keyring decrypts it. `a` sorts before the robots of the chain `demo`.
RIVAL = """
    INSERT INTO outlet_robots (robot_key, chain_id, kind, settings, credentials, enabled, revision, state)
    SELECT 'a:bad', 'a', kind, settings, 'x', 1, 1, 'working' FROM outlet_robots WHERE chain_id = 'demo' LIMIT 1"""
RIVAL_MESSAGE = """
    INSERT INTO outlet_messages (message_id, chain_id, store_id, kind, source_id, step, place, robot_key, address,
        language, priority, state, due_at)
    VALUES ('01KAJX5T5MPA1DW8Q2H4J6K8M0', 'a', 'a:s', 'notice', '01KAJX5T5MPA1DW8Q2H4J6K8M0', 0, 0, 'a:bad', '1',
        'en', 0, 'waiting', '2020-01-01')"""
RIVAL_CHAT = """
    INSERT INTO outlet_chats (store_id, place, robot_key, address, state) VALUES ('a:s', 0, 'a:bad', '1', 'alive')"""


def execute(outlets: Outlets, *statements: str) -> None:
    with outlets.env.db.transaction() as transaction:
        for statement in statements:
            transaction.execute(statement)


def failures(outlets: Outlets) -> dict[str, str | None]:
    with outlets.env.db.transaction() as transaction:
        return {row["robot_key"]: row["failure"] for row in transaction.rows("SELECT * FROM outlet_robots")}


def test_one_broken_robot_stops_no_other_chain_grafana_19768(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    telegram.fail(["too_many"])
    outlets.place(store)
    assert telegram.arrivals == []
    execute(outlets, RIVAL, RIVAL_MESSAGE, RIVAL_CHAT)
    outlets.look_until(lambda: telegram.arrivals)
    assert failures(outlets) == {"a:bad": "credentials_unreadable", "demo:bot": None}
    # It is noted once, and the looks go on too.
    outlets.look()
    assert watch_robots(outlets.env) >= 1
    assert watch_chats(outlets.env) == 2
    with outlets.env.db.transaction() as transaction:
        looked = transaction.rows("SELECT robot_key FROM outlet_robots WHERE looked_at IS NULL")
        alerts = transaction.rows("SELECT kind, chain_id FROM outlet_alerts")
    assert looked == []
    # Its own message goes to the next chat, which its outlet lacks.
    assert sorted((row["chain_id"], row["kind"]) for row in alerts) == [("a", "no_chat"), ("a", "robot_failing")]
    failing = [message for message in outlets.carry() if message["type"] == "outlet.robot_failing"]
    assert [message["data"]["chain"] for message in failing] == ["a"]


def test_a_broken_robot_is_what_the_check_says(outlets: Outlets) -> None:
    execute(outlets, "UPDATE outlet_robots SET credentials = 'x'")
    answer = outlets.api("GET", f"/v1/outlets/robots/bot/check{CHAIN}")
    assert answer.status == 200
    assert "credentials" in [missing["name"] for missing in answer.json["missing"]]


def test_a_page_of_robots_without_a_look_does_not_end_the_watch(outlets: Outlets) -> None:
    """A hundred robots that cannot be asked come before the others."""
    execute(outlets, "DELETE FROM outlet_robots")
    assert watch_robots(outlets.env) == 0
    copies = """
        INSERT INTO outlet_robots (robot_key, chain_id, kind, settings, credentials, enabled, revision, state)
        VALUES ('a:bad', 'a', 'wecom_robot', '{}', 'x', 1, 1, 'working')"""
    execute(outlets, copies)
    assert watch_robots(outlets.env) == 1
    assert watch_robots(outlets.env) == 0
