"""People who run outlets in chats act in a real browser, with a fake chat service."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo import examples
from ops.clients import Clients
from shared.contracts.ids import new_id
from shared.spine.clock import utc_now
from stack.cloudformation import SERVICE, STAGE
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.simulators.chat.fake import FakeChat
from tests.simulators.chat.fakes import fake_chat
from tests.support.browser import PICTURES, journeys_of, walk
from tests.support.own_chain import OwnChain, open_chain
from tests.support.remote import Remote
from tests.support.waiting import wait_until

SCRIPT = Path(__file__).parent / "outlets.mjs"
JOURNEYS = [*journeys_of(SCRIPT), "chinese_words_fit_on_a_phone"]
RIGHTS = ("outlets:manage", "outlets:read", "stores:write", "menu:write", "orders:place", "orders:pay")
OWNER, SECOND, ELSEWHERE = "1001", "1002", "1003"
# Steps that come when the journey asks for them, and never by themselves.
RULES = {
    "sources": ["till"],
    "wait_for_payment": False,
    "again_seconds": 600,
    "call_seconds": None,
    "second_seconds": None,
    "head_office_seconds": 1200,
    "quiet_from": None,
    "quiet_until": None,
}
MAKE_DUE = "UPDATE outlet_steps SET due_at = UTC_TIMESTAMP(6) WHERE action = 'again' AND state = 'due'"
LOOK_AGAIN = "UPDATE outlet_robots SET looked_at = NULL"


# Pushes of a rule: (state, reason).
PUSHES = (("sent", None), ("shown", None), ("dropped", "no_consent"), ("failed", "43101"))
ADD_PUSH = """
    INSERT INTO guest_pushes (push_id, chain_id, contact_id, rule_id, robot_key, template, content, caused_at, state,
        reason, due_at)
    VALUES (%s, %s, %s, 'ready', %s, 't-ready', '{}', UTC_TIMESTAMP(6), %s, %s, UTC_TIMESTAMP(6))"""
ADD_CONTACT = """
    INSERT INTO guest_contacts (contact_id, chain_id, robot_key, address, opted_out, created_at, used_at)
    VALUES (%s, %s, %s, %s, 'nothing', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"""
ADD_RIGHT = """
    INSERT INTO guest_rights (contact_id, template, event_hash, accepted_at, state)
    VALUES (%s, 't-ready', %s, UTC_TIMESTAMP(6), 'free')"""
FORGET_PUSHES = ("DELETE FROM guest_pushes", "DELETE FROM guest_rights", "DELETE FROM guest_contacts")


@dataclass
class Owners:
    """A chain whose store is an outlet with two chats, and another outlet."""

    stack: Stack
    chain: OwnChain
    fake: FakeChat
    api: Caller

    @property
    def other(self) -> str:
        """The other outlet."""
        return f"{self.chain.id}-other"

    def open(self) -> None:
        """Robots, outlets, and a person of operations."""
        chain = f"?chain={self.chain.id}"
        self.put(f"/v1/stores/{self.other}", examples.STORE | {"chain": self.chain.id})
        self.put(f"/v1/stores/{self.other}/menu", examples.MENU)
        self.put(f"/v1/outlets/rules{chain}", RULES | {"link_base": self.stack.place.http})
        for number, robot in enumerate(("orders", "orders-second"), start=1):
            settings, secrets = self.fake.robot(number)
            self.put(
                f"/v1/outlets/robots/{robot}{chain}",
                {"channel": "telegram", "settings": settings, "credentials": secrets},
            )
        chats = [{"robot": "orders", "address": OWNER}, {"robot": "orders-second", "address": SECOND}]
        self.put(f"/v1/outlets/stores/{self.chain.store}{chain}", {"chats": chats})
        self.put(
            f"/v1/outlets/stores/{self.other}{chain}", {"chats": [{"robot": "orders-second", "address": ELSEWHERE}]}
        )

    def put(self, target: str, body: Any) -> None:
        """A setting."""
        self.api("PUT", target, body).raise_for_status()

    def order(self, store: str | None = None) -> dict[str, str]:
        """An order: its number and the link in its chat."""
        known = len(self.fake.attempts)
        placed = self.chain.place_order(**({"store": store} if store else {}))
        wait_until(lambda: len(self.fake.attempts) > known)
        links = [link for link in self.fake.attempts[-1].links if "/outlets/confirm/" in link]
        return {"number": str(placed["pickup_number"]), "link": links[0]}

    def run(self, function: str, *statements: str) -> None:
        """Run a timer now."""
        with self.stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        name = f"{SERVICE}-{STAGE}-{function}"
        self.stack.emulator.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")

    def allow(self) -> None:
        """The first robot is logged in again, and looked at."""
        self.fake.robots_without_rights.clear()
        self.run("outlets_watch_robots", LOOK_AGAIN)

    def answers(self) -> dict[str, Any]:
        """The newest answer."""
        path = f"/v1/outlets/notices?chain={self.chain.id}&which=ended&limit=1"
        [notice] = self.api("GET", path).json()["notices"]
        return {name: notice[name] for name in ("state", "evidence", "ready_minutes")}

    def push(self) -> None:
        """A rule with pushes of four outcomes, and a guest with three messages left."""
        chain, account = self.chain.id, f"{self.chain.id}:mini"
        credentials = {"app_secret": "0" * 32, "callback_token": "tok", "encoding_aes_key": "a" * 43}
        settings = {"app_id": "wx0123456789abcdef", "source_id": "app"}
        mini = {"channel": "wechat_mini_program", "settings": settings, "credentials": credentials}
        rule = {"robot": "mini", "cause": "order_ready", "template": "t-ready", "fields": {"thing1": "{store}"}}
        now, guest = utc_now(), new_id(utc_now())
        with self.stack.db.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            for statement in FORGET_PUSHES:
                cursor.execute(statement)
            if cursor.execute("SELECT 1 FROM guest_rules WHERE chain_id = %s", (chain,)) == 0:
                self.put(f"/v1/outlets/robots/mini?chain={chain}", mini)
                self.put(f"/v1/outlets/guest-rules/ready?chain={chain}", rule)
            cursor.execute(ADD_CONTACT, (guest, chain, account, guest))
            cursor.executemany(ADD_RIGHT, [(guest, str(number) * 64) for number in range(3)])
            cursor.executemany(ADD_PUSH, [(new_id(now), chain, guest, account, *one) for one in PUSHES])

    def told(self) -> dict[str, list[str]]:
        """The texts of announcements by chat."""
        texts: dict[str, list[str]] = {}
        for arrival in self.fake.arrivals:
            if "packaging" in arrival.text:
                texts.setdefault(arrival.chat, []).append(arrival.text)
        return texts

    def acts(self) -> dict[str, Callable[[], Any]]:
        """The acts that a journey may ask for."""
        robots = self.fake.robots_without_rights
        return {
            "order": self.order,
            "order_elsewhere": lambda: self.order(self.other),
            "escalate": lambda: self.run("outlets_send_due_notices", MAKE_DUE),
            "tick": lambda: self.run("outlets_send_due_notices"),
            "answers": self.answers,
            "told": self.told,
            "push": self.push,
            "forbid": lambda: robots.add(self.fake.robot(1)[1]["token"]),
            "allow": self.allow,
        }


@pytest.fixture(scope="module")
def owners(stack: Stack) -> Iterator[Owners]:
    own = open_chain(stack)
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    key = clients.create("outlets", [f"{right}@chain:{own.id}" for right in RIGHTS], 1_000, ["till:*"])
    clients.close()
    with fake_chat("telegram") as fake:
        made = Owners(stack, own, fake, Caller(stack.place.http, key))
        made.open()
        yield made
        made.api.http.close()
    own.close()


@pytest.mark.parametrize("name", JOURNEYS)
def test_people_who_run_outlets(name: str, stack: Stack, owners: Owners, browser: str) -> None:
    remote = Remote(owners.acts())
    given = {
        "base": stack.place.http,
        "browser": browser,
        "control": remote.address,
        "person": owners.chain.person("Olga Office", "head_office"),
        "manager": owners.chain.person("Max Manager", f"store_manager:{owners.chain.store}"),
        "store": owners.chain.store,
        "other": owners.other,
        "pictures": str(PICTURES),
    }
    try:
        walk(SCRIPT, name, given)
    finally:
        remote.close()
