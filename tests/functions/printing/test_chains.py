"""Two chains with a store `main` in a region `north` each: neither sees, changes or prints for the second_order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from functions.printing import api
from ops.clients import Clients
from shared.contracts.messages.orders import Order
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.functions.printing.conftest import ONE_KITCHEN, Hand, Office, Relay, office_with  # noqa: F401 - a fixture
from tests.support.environments import caller
from tests.support.orders import MENU, SETTINGS, Caller, an_order, new_key, paid

CHAINS = ("demo", "rival")
MAIN = "/stores/main"
Said = Callable[[], list[tuple[str, dict[str, Any]]]]


@dataclass
class ChainStore:
    """One chain's store `main`: its key to orders, its key to printing, its agent."""

    chain: str
    orders: Caller
    office: Office
    agent: Hand

    def sell(self, relay: Relay) -> Order:
        placed = self.orders("POST", "/v1/orders", an_order("main", payments=paid(1325)))
        assert placed.status == 201, placed.text
        order = Order.model_validate_json(placed.text)
        relay.paid(order)
        return order

    def job(self, relay: Relay) -> str:
        [job] = relay.jobs(self.sell(relay))
        return job.id


@pytest.fixture
def chain_stores(
    relay: Relay, env: Environment, database: MariaDB, office_with: Callable[..., Office]  # noqa: F811 - a fixture
) -> tuple[ChainStore, ChainStore]:  # fmt: skip
    return tuple(_open(chain, relay, env, database, office_with) for chain in CHAINS)  # type: ignore[return-value]


def _open(
    chain: str, relay: Relay, env: Environment, database: MariaDB, make_office: Callable[..., Office]
) -> ChainStore:
    orders = caller(env, new_key(env, database.owner.url, at=f"chain:{chain}"))
    settings = SETTINGS | {"chain": chain, "region": "north", "name": f"Main of {chain}"}
    assert orders("PUT", "/v1/stores/main", settings).status == 201
    assert orders("PUT", "/v1/stores/main/menu", MENU).status == 200
    relay.route(f"{chain}:main", ONE_KITCHEN)
    agent = relay.agent(f"{chain}:main", f"till of {chain}")
    agent.arrive()
    return ChainStore(chain, orders, make_office(at=f"region:{chain}:north"), agent)


def everything_of(relay: Relay, store_key: str) -> list[list[tuple[Any, ...]]]:
    tables = ("stores", "printers", "agents", "enrolments", "orders", "jobs", "plans")
    return [relay.rows(f"SELECT * FROM print_{table} WHERE store_id = '{store_key}'") for table in tables]


def printed(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["job"] for frame in frames if frame["type"] == "job"]


def test_each_store_s_agent_prints_its_own_orders_alone(
    relay: Relay, chain_stores: tuple[ChainStore, ChainStore]
) -> None:
    jobs = [env.job(relay) for env in chain_stores]
    assert [printed(env.agent.heard()) for env in chain_stores] == [[jobs[0]], [jobs[1]]]
    # Each printer's jobs are numbered within its own store.
    assert relay.rows("SELECT store_id, seq FROM print_jobs ORDER BY store_id") == [("demo:main", 1), ("rival:main", 1)]


def test_an_agent_says_nothing_of_the_other_store_s_jobs(
    relay: Relay, chain_stores: tuple[ChainStore, ChainStore]
) -> None:
    first, second = chain_stores
    job = second.job(relay)
    second.agent.heard()
    assert [frame["type"] for frame in first.agent.end(job)] == ["noted", "error"]
    assert [frame["type"] for frame in first.agent.say("begin", job=job)] == ["error"]
    assert relay.job("rival:main", job).state == "sent"


def test_a_printer_s_state_is_that_of_its_own_store(relay: Relay, chain_stores: tuple[ChainStore, ChainStore]) -> None:
    first, second = chain_stores
    first.agent.say(
        "printer", printer="kitchen", state="stopped", paper="out", cover="closed", error="none", proof="echo",
        at=relay.now.timestamp(),
    )  # fmt: skip
    assert [env.office("GET", f"{MAIN}/printers").json["printers"][0]["paper"] for env in chain_stores] == ["out", "ok"]
    assert second.office("GET", "/fleet?chain=rival").json["stores"][0]["printers"][0]["paper"] == "ok"


def test_messages_name_the_chain(announced: Said, relay: Relay, chain_stores: tuple[ChainStore, ChainStore]) -> None:
    for env in chain_stores:
        env.agent.end(env.job(relay))
    messages = announced()
    for kind in ("printing.agent_online", "printing.printer_changed", "print.job_queued", "print.job_printed"):
        stores = [(data["chain"], data["store"]) for told_kind, data in messages if told_kind == kind]
        assert stores == [("demo", "main"), ("rival", "main")], kind


def test_lists_and_the_fleet_show_one_s_own(relay: Relay, chain_stores: tuple[ChainStore, ChainStore]) -> None:
    jobs = [env.job(relay) for env in chain_stores]
    for env, job in zip(chain_stores, jobs, strict=True):
        listed = env.office("GET", f"{MAIN}/jobs").json["jobs"]
        assert [(document["id"], document["chain"], document["store"]) for document in listed] == [
            (job, env.chain, "main")
        ]
        agents = env.office("GET", f"{MAIN}/agents").json
        assert (agents["chain"], [agent["name"] for agent in agents["agents"]]) == (
            env.chain,
            [f"till of {env.chain}"],
        )
        fleet = env.office("GET", f"/fleet?chain={env.chain}").json
        assert [(document["chain"], document["name"]) for document in fleet["stores"]] == [
            (env.chain, f"Main of {env.chain}")
        ]
        [second_chain] = set(CHAINS) - {env.chain}
        assert env.office("GET", f"/fleet?chain={second_chain}").status == 403


def test_every_call_about_a_store_is_about_one_s_own_and_the_other_s_is_not_there(
    relay: Relay, chain_stores: tuple[ChainStore, ChainStore]
) -> None:
    """By each operation that the API has on a store; named in full, the other's store does not exist."""
    first, second = chain_stores
    job = second.job(relay)
    before = everything_of(relay, "rival:main")
    bodies = {
        "put_routing": ONE_KITCHEN | {"prints_on": "placed"},
        "put_printer": {"profile": {}},
        "resolve_job": {"resolution": "dismissed"},
        "reprint_job": {},
        "move_job": {"printer": "bar"},
        "print_test_page": {},
        "cancel_job": {},
        "settle_machine": {"keep": "new"},
    }
    requests = 0
    for operation in api.OPERATIONS:
        if "{store}" not in operation.rule:
            continue
        for store in ("main", "rival%3Amain"):
            names = {"store": store, "printer": "kitchen", "job": job, "agent": second.agent.id}
            target = operation.rule.format(**names).removeprefix("/v1/printing")
            body = bodies.get(operation.view.__name__)
            answer = first.office(
                operation.method, target, body, key=f"key-{requests}" if operation.method != "GET" else None
            )
            whole_store = "{job}" not in operation.rule and "{agent}" not in operation.rule
            expected = (200, 201, 409) if store == "main" and whole_store else (404,)
            assert answer.status in expected, (operation.rule, store, answer.text)
            requests += 1
    assert requests >= 20
    assert everything_of(relay, "rival:main") == before


def test_codes_are_for_the_store_of_the_key_s_chain(chain_stores: tuple[ChainStore, ChainStore]) -> None:
    first, second = chain_stores
    for env in chain_stores:
        code = env.office("POST", "/codes", {"store": "main"}, key="one").json
        assert (code["chain"], code["store"]) == (env.chain, "main")
    assert first.office("POST", "/codes", {"store": "rival:main"}, key="two").status == 404
    assert first.office("DELETE", "/codes?store=rival%3Amain").status == 404
    assert first.office("DELETE", "/codes?store=main").json["ended"] == 1
    assert second.office("DELETE", "/codes?store=main").json["ended"] == 1


def test_a_key_of_both_chains_names_the_chain(
    relay: Relay, chain_stores: tuple[ChainStore, ChainStore], env: Environment, database: MariaDB
) -> None:
    first, _ = chain_stores
    two_chain_office = Office(relay, Caller(first.office.caller.handler, two_chains_key(env, database)))
    assert two_chain_office("GET", f"{MAIN}/routing").status == 422
    assert two_chain_office("GET", f"{MAIN}/routing").json["code"] == "ambiguous_store"
    assert two_chain_office("GET", "/stores/rival%3Amain/agents").json["agents"][0]["name"] == "till of rival"


def two_chains_key(env: Environment, database: MariaDB) -> dict[str, str]:
    clients = Clients(database.owner.url, env.keyring())
    try:
        return clients.create("both", [f"printing:read@chain:{chain}" for chain in CHAINS])
    finally:
        clients.close()


def test_a_cancelled_order_of_one_leaves_the_other_s_alone(
    relay: Relay, chain_stores: tuple[ChainStore, ChainStore]
) -> None:
    first, second = chain_stores
    order, second_order = first.sell(relay), second.sell(relay)
    relay.cancelled(order)
    assert [job.withdrawn for job in relay.jobs(order)] == ["order_cancelled"]
    assert [job.withdrawn for job in relay.jobs(second_order)] == [None]
    assert [frame["type"] for frame in second.agent.heard()] == ["job"]


def test_an_agent_that_falls_silent_ceases_to_print_in_its_own_store_alone(
    relay: Relay, chain_stores: tuple[ChainStore, ChainStore], announced: Said
) -> None:
    _, second = chain_stores
    relay.wait(seconds=240)
    second.agent.say("beat")
    announced()
    relay.later(seconds=10)
    assert [(kind, data["chain"]) for kind, data in announced()] == [("printing.agent_offline", "demo")]
    states = [env.office("GET", f"{MAIN}/agents").json["agents"][0]["state"] for env in chain_stores]
    assert states == ["offline", "online"]
