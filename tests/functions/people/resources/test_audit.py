"""The record of what people did: complete, without values, and for those alone who may read it."""

from collections.abc import Callable
from typing import Any

from tests.support import order_api
from tests.support.orders import SETTINGS, Caller, open_store
from tests.support.people import Browser, signed_in

Query = Callable[[str], list[tuple[Any, ...]]]


def entries(browser: Browser, filters: str = "") -> list[dict[str, Any]]:
    answer = browser("GET", f"/v1/audit?chain=demo{filters}")
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["entries"]
    return found


def test_a_change_is_recorded_with_names_of_fields_and_no_values(head: Browser, store: str) -> None:
    head.at(order_api.handler)("PUT", f"/v1/stores/{store}", SETTINGS | {"name": "Secret Name", "region": "east"})
    [entry, sign_in, invitation] = entries(head)
    assert (entry["operation"], entry["status"], entry["store"]) == ("orders.put_store", 200, store)
    assert entry["fields"] == sorted(SETTINGS)
    assert entry["name"] == "Pat Person"
    assert entry["session"] == head("GET", "/v1/session").json["id"]
    assert "Secret Name" not in str(entry)
    assert sign_in["operation"] == "people.sign_in"
    assert (invitation["operation"], invitation["actor"]) == ("people.invite_person", "command")


def test_a_change_that_fails_is_not_recorded_and_a_forbidden_one_is(
    url: str, head: Browser, store: str, call: Caller
) -> None:
    other = open_store(call)
    manager = signed_in(url, f"store_manager:{store}", handler=order_api.handler)
    assert manager("PUT", f"/v1/stores/{other}", SETTINGS).status == 403
    assert manager("PUT", f"/v1/stores/{store}", {"name": ""}).status == 422
    [entry] = entries(head, f"&store={other}")
    assert (entry["status"], entry["path"]) == (403, f"/v1/stores/{other}")
    assert entries(head, f"&store={store}") == []


def test_a_replayed_change_is_one_entry(head: Browser) -> None:
    body = {"chain": "demo", "email": "a@example.com", "name": "A", "roles": []}
    for _ in range(3):
        assert head("POST", "/v1/people", body, key="k").status == 201
    actors = [entry["actor"] for entry in entries(head, "&operation=people.invite_person")]
    assert [actor for actor in actors if actor != "command"] == actors[:1]
    assert actors[0] != "command"


def test_filters_and_pages(head: Browser, store: str) -> None:
    page = head.at(order_api.handler)
    for _ in range(5):
        page("PUT", f"/v1/stores/{store}/sold-out", {"items": []})
    everything = entries(head, "&limit=200")
    found: list[str] = []
    cursor = ""
    while True:
        answer = head("GET", f"/v1/audit?chain=demo&limit=2{cursor}").json
        found += [entry["id"] for entry in answer["entries"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert found == [entry["id"] for entry in everything]
    actor = everything[0]["actor"]
    by_actor = entries(head, f"&actor={actor}&limit=200")
    assert by_actor == [entry for entry in everything if entry["actor"] != "command"]
    assert len(by_actor) == len(everything) - 1
    assert entries(head, "&actor=p-unknown") == []
    moment = everything[2]["at"].replace("+00:00", "Z")
    assert {entry["id"] for entry in entries(head, f"&since={moment}&limit=200")} <= set(found)


def test_a_region_reads_what_was_done_in_its_stores(url: str, head: Browser, call: Caller) -> None:
    near, far = (open_store(call, region=region) for region in ("north", "south"))
    page = head.at(order_api.handler)
    for store in (near, far):
        assert page("PUT", f"/v1/stores/{store}/sold-out", {"items": []}).status == 200
    north = signed_in(url, "region:north")
    assert {entry["store"] for entry in entries(north)} == {near}
    assert entries(north, f"&store={far}") == []
    manager = signed_in(url, f"store_manager:{near}")
    assert manager("GET", "/v1/audit?chain=demo").status == 403
    rival = signed_in(url, "head_office", chain="rival")
    assert rival("GET", "/v1/audit?chain=demo").status == 403
    operations = [entry["operation"] for entry in rival("GET", "/v1/audit?chain=rival").json["entries"]]
    assert operations == ["people.sign_in", "people.invite_person"]


def test_every_filter_has_its_index(head: Browser, query: Query) -> None:
    head("GET", "/v1/session")
    query(f"""
        INSERT INTO audit_entries
        SELECT CONCAT('0', LPAD(n, 25, '0')), 'demo', NOW(), CONCAT('p-', n MOD 50), NULL,
            CONCAT('people.op_', n MOD 30), '/', CONCAT('demo:s', n MOD 100), 200, '', '[]' FROM ({_NUMBERS}) t""")
    query("ANALYZE TABLE audit_entries")
    for condition, key in (
        ("actor = 'p-7'", "by_actor"),
        ("store_id = 'demo:s7'", "by_store"),
        ("operation = 'people.op_7'", "by_operation"),
    ):
        select = f"SELECT id FROM audit_entries WHERE chain_id = 'demo' AND {condition} ORDER BY id DESC LIMIT 51"
        [row] = query(f"EXPLAIN FORMAT = TRADITIONAL {select}")
        assert key in map(str, row), row


_DIGITS = " UNION ALL ".join(f"SELECT {n} AS d" for n in range(10))
_NUMBERS = f"""
    SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n
    FROM ({_DIGITS}) a, ({_DIGITS}) b, ({_DIGITS}) c, ({_DIGITS}) e"""
