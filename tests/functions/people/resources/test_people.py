"""People are invited, changed and disabled, each by who may give what they have."""

from collections.abc import Callable
from typing import Any

import pytest

from functions.people import api
from shared.spine.rights import RIGHTS
from shared.spine.roles import LEVELS
from tests.functions.people.conftest import Moving
from tests.support import order_api
from tests.support.orders import Caller, new_key, open_store
from tests.support.people import PASSWORD, Browser, new_person, signed_in

Query = Callable[[str], list[tuple[Any, ...]]]
CHOSEN = "aubergine kiosk 3"


def manager_of(store: str) -> dict[str, str]:
    return {"role": "store_manager", "level": "store", "scope": store}


def invitation(*roles: dict[str, str], email: str = "new@example.com", chain: str = "demo") -> dict[str, Any]:
    return {"chain": chain, "email": email, "name": "New Person", "roles": list(roles)}


HEAD = {"role": "head_office", "level": "chain", "scope": "demo"}


def test_an_invited_person_chooses_a_password_once(head: Browser, store: str) -> None:
    made = head("POST", "/v1/people", invitation(manager_of(store)))
    assert made.status == 201, made.text
    assert made.json["waits"]
    token = made.json["link"]["token"]
    guest = Browser()
    seen = guest("POST", "/v1/links/open", {"token": token})
    assert seen.json == {"name": "New Person", "email": "new@example.com", "chain": "demo", "is_new": True}
    used = guest("POST", "/v1/links/use", {"token": token, "password": CHOSEN})
    assert used.status == 201, used.text
    assert used.json["roles"] == [manager_of(store)]
    assert "HttpOnly" in used.headers["set-cookie"]
    again = Browser()("POST", "/v1/links/use", {"token": token, "password": "another password"})
    assert (again.status, again.json["code"]) == (410, "link_ended")
    assert Browser().sign_in("new@example.com", CHOSEN).status == 201
    assert not head("GET", f"/v1/people/{made.json['id']}").json["waits"]


def test_the_same_invitation_sent_again_is_one_invitation(head: Browser) -> None:
    first = head("POST", "/v1/people", invitation(HEAD), key="k")
    again = head("POST", "/v1/people", invitation(HEAD), key="k")
    assert again.json == first.json
    other = head("POST", "/v1/people", invitation(HEAD), key="k2")
    assert (other.status, other.json["code"]) == (409, "person_exists")


def test_an_invitation_ends_after_72_hours(head: Browser, later: Any, clock: Moving) -> None:
    tokens = [
        head("POST", "/v1/people", invitation(HEAD, email=f"p{n}@example.com")).json["link"]["token"] for n in range(2)
    ]
    clock.move(hours=71, minutes=59)
    use = [{"token": token, "password": CHOSEN} for token in tokens]
    assert Browser(later)("POST", "/v1/links/use", use[0]).status == 201
    clock.move(minutes=2)
    assert Browser(later)("POST", "/v1/links/use", use[1]).status == 410


@pytest.mark.parametrize("token", ["A" * 43, "' OR 1=1 -- aaaaaaaaaaaaaa", "é" * 43, "\ud800" * 30])
def test_a_guessed_link_opens_nothing(head: Browser, token: str) -> None:
    head("POST", "/v1/people", invitation(HEAD))
    assert Browser()("POST", "/v1/links/open", {"token": token}).status in (400, 410, 422)
    assert Browser()("POST", "/v1/links/use", {"token": token, "password": CHOSEN}).status in (400, 410, 422)


def test_a_link_is_stored_as_its_hash_and_shown_once(head: Browser, query: Query) -> None:
    made = head("POST", "/v1/people", invitation(HEAD)).json
    stored = repr(query("SELECT * FROM person_links")) + repr(query("SELECT reply FROM idempotency_keys"))
    assert made["link"]["token"] not in stored
    assert "link" not in head("GET", f"/v1/people/{made['id']}").json


def test_a_new_link_ends_the_one_before_and_its_use_ends_the_sessions(url: str, head: Browser) -> None:
    person = new_person(url, "head_office")
    thief = Browser()
    thief.sign_in(person["email"])
    first, second = (head("POST", f"/v1/people/{person['id']}/links").json["token"] for _ in range(2))
    assert Browser()("POST", "/v1/links/use", {"token": first, "password": CHOSEN}).status == 410
    weak = Browser()("POST", "/v1/links/use", {"token": second, "password": "short"})
    assert weak.json["errors"][0]["code"] == "too_short"
    assert thief("GET", "/v1/session").status == 200
    assert Browser()("POST", "/v1/links/use", {"token": second, "password": CHOSEN}).status == 201
    assert thief("GET", "/v1/session").status == 401
    assert Browser().sign_in(person["email"]).status == 401


@pytest.fixture
def stores(call: Caller) -> tuple[str, str, str]:
    """Two stores in the region north, one in south."""
    return tuple(open_store(call, region=region) for region in ("north", "north", "south"))  # type: ignore[return-value]


Stores = tuple[str, str, str]


def test_a_manager_gives_only_what_the_manager_has_and_where(url: str, stores: Stores) -> None:
    near, _, far = stores
    north = signed_in(url, "region:north")
    assert north("POST", "/v1/people", invitation(manager_of(near), email="a@example.com")).status == 201
    for refused in (
        invitation(manager_of(far)),
        invitation(HEAD),
        invitation(manager_of(near), HEAD),
        invitation({"role": "marketing", "level": "chain", "scope": "demo"}),
        invitation({"role": "region", "level": "region", "scope": "south"}),
        invitation(),
        invitation({"role": "head_office", "level": "chain", "scope": "rival"}, chain="rival"),
    ):
        answer = north("POST", "/v1/people", refused | {"email": "b@example.com"})
        assert (answer.status, answer.json["code"]) in {(403, "role_not_allowed"), (403, "not_allowed")}, refused
    store_manager = signed_in(url, f"store_manager:{near}")
    assert store_manager("POST", "/v1/people", invitation(manager_of(near))).status == 403


@pytest.mark.parametrize(
    "role",
    [
        {"role": "head_office", "level": "store", "scope": "s1"},
        {"role": "store_manager", "level": "chain", "scope": "demo"},
        {"role": "head_office", "level": "chain", "scope": "rival"},
        {"role": "root", "level": "chain", "scope": "demo"},
        {"role": "stage_operator", "level": "chain", "scope": "demo"},
    ],
)
def test_a_role_has_its_levels(head: Browser, role: dict[str, str]) -> None:
    assert head("POST", "/v1/people", invitation(role)).status == 422


def test_head_office_gives_every_role_of_the_chain(head: Browser, store: str) -> None:
    scopes = {"chain": "demo", "region": "north", "store": store}
    given = [
        {"role": role, "level": level, "scope": scopes[level]}
        for role, levels in LEVELS.items()
        for level in levels
        if role != "stage_operator"
    ]
    assert len(given) == 13
    for role in given:
        answer = head("POST", "/v1/people", invitation(role, email=f"{role['role']}-{role['level']}@example.com"))
        assert answer.status == 201, (role, answer.text)


def test_no_person_of_a_chain_takes_over_the_operator_of_the_stage(url: str, head: Browser) -> None:
    operator = new_person(url, "stage_operator")["id"]
    changes = [
        ("POST", "/links", None),
        ("PATCH", "", {"disabled": True}),
        ("PATCH", "", {"roles": [HEAD]}),
        ("DELETE", "/sessions", None),
        ("DELETE", "/totp", None),
    ]
    for method, path, body in changes:
        assert head(method, f"/v1/people/{operator}{path}", body).status == 403, path


def test_a_manager_does_not_take_over_who_has_more(url: str, stores: Stores) -> None:
    north = signed_in(url, "region:north")
    boss, neighbour, own = (
        new_person(url, role)["id"] for role in ("head_office", "region:south", f"store_manager:{stores[0]}")
    )
    for person in (boss, neighbour):
        assert north("POST", f"/v1/people/{person}/links").status == 403
        assert north("PATCH", f"/v1/people/{person}", {"disabled": True}).status == 403
        assert north("PATCH", f"/v1/people/{person}", {"roles": []}).status == 403
        assert north("DELETE", f"/v1/people/{person}/sessions").status == 403
        assert north("DELETE", f"/v1/people/{person}/totp").status == 403
        assert north("GET", f"/v1/people/{person}").status == 404
    assert north("POST", f"/v1/people/{own}/links").status == 201


def test_no_manager_reaches_another_chain(url: str, head: Browser) -> None:
    rival = new_person(url, "head_office", chain="rival")["id"]
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"disabled": True}),
        ("POST", "/links", None),
        ("DELETE", "/sessions", None),
        ("DELETE", "/totp", None),
    ):
        assert head(method, f"/v1/people/{rival}{path}", body).status == 404
    assert head("GET", "/v1/people?chain=rival").status == 403
    assert head("POST", "/v1/people", invitation(chain="rival")).status == 403


def test_a_list_has_the_people_of_the_places_that_one_manages(url: str, head: Browser, stores: Stores) -> None:
    near, other, far = stores
    people = [new_person(url, f"store_manager:{store}")["id"] for store in (near, other, far)]
    region = new_person(url, "region:north")["id"]
    north = signed_in(url, "region:north")
    me = north("GET", "/v1/session").json["person"]

    def listed(browser: Browser) -> list[str]:
        found: list[str] = []
        cursor = ""
        while True:
            page = browser("GET", f"/v1/people?chain=demo&limit=2{cursor}").json
            found += [person["id"] for person in page["people"]]
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    assert set(listed(north)) == {people[0], people[1], region, me}
    assert {*people, region, me} < set(listed(head))
    assert len(listed(head)) == len(set(listed(head)))


def test_a_role_that_is_taken_away_counts_at_once(url: str, head: Browser, stores: Stores) -> None:
    near, other, _ = stores
    browser = signed_in(url, f"store_manager:{near}")
    me = browser("GET", "/v1/session").json["person"]
    page = browser.at(order_api.handler)
    assert page("GET", f"/v1/stores/{near}").status == 200
    changed = head("PATCH", f"/v1/people/{me}", {"roles": [manager_of(other)]})
    assert changed.json["roles"] == [manager_of(other)]
    assert page("GET", f"/v1/stores/{near}").status in (403, 404)
    assert page("GET", f"/v1/stores/{other}").status == 200


def test_a_disabled_person_is_out_at_once(url: str, head: Browser) -> None:
    person = new_person(url, "head_office")
    browser = Browser()
    browser.sign_in(person["email"])
    link = head("POST", f"/v1/people/{person['id']}/links").json["token"]
    assert head("PATCH", f"/v1/people/{person['id']}", {"disabled": True}).json["disabled"]
    assert browser("GET", "/v1/session").status == 401
    assert Browser().sign_in(person["email"]).status == 401
    assert Browser()("POST", "/v1/links/use", {"token": link, "password": CHOSEN}).status == 410
    assert head("POST", f"/v1/people/{person['id']}/links").status == 409
    assert not head("PATCH", f"/v1/people/{person['id']}", {"disabled": False}).json["disabled"]
    assert Browser().sign_in(person["email"], PASSWORD).status == 201


def test_nobody_changes_the_own_roles_and_one_head_office_stays(env: Any, url: str, head: Browser) -> None:
    me = head("GET", "/v1/session").json["person"]
    changes: list[dict[str, Any]] = [{"roles": []}, {"disabled": True}]
    for change in changes:
        assert head("PATCH", f"/v1/people/{me}", change).json["code"] == "own_account"
    # A stolen session sets no password without the old one, and takes no second factor away.
    for method, path in (("POST", "/links"), ("DELETE", "/totp"), ("DELETE", "/passkeys")):
        assert head(method, f"/v1/people/{me}{path}").json["code"] == "own_account"
    key = Caller(api.handler, new_key(env, url, sorted(RIGHTS)))
    assert key("PATCH", f"/v1/people/{me}", {"disabled": True}).json["code"] == "last_head_office"
    assert key("PATCH", f"/v1/people/{me}", {"roles": []}).json["code"] == "last_head_office"
    assert head("GET", "/v1/session").json["roles"] == [HEAD]


def test_a_change_of_an_old_revision_is_refused(url: str, head: Browser) -> None:
    person = new_person(url, "head_office")["id"]
    tag = head("GET", f"/v1/people/{person}").headers["etag"]
    assert head("PATCH", f"/v1/people/{person}", {"name": "A"}, headers={"if-match": tag}).status == 200
    assert head("PATCH", f"/v1/people/{person}", {"name": "B"}, headers={"if-match": tag}).status == 412
    assert head("GET", f"/v1/people/{person}").json["name"] == "A"


def test_an_address_that_no_account_holds_is_refused(head: Browser) -> None:
    for email in ("ß" * 200 + "@example.com", "a\x00b@example.com"):
        refused = head("POST", "/v1/people", invitation(HEAD, email=email))
        assert (refused.status, refused.json["code"]) == (422, "body_invalid"), email


def test_people_are_found_by_a_part_of_the_name_or_the_address(url: str, head: Browser, stores: Stores) -> None:
    guests = (("Zoë Árnason", "zoe", stores[0]), ("50% Off", "half_price", stores[0]), ("Bo", "bo", stores[2]))
    for name, address, store in guests:
        body = invitation(manager_of(store), email=f"{address}@example.com") | {"name": name}
        assert head("POST", "/v1/people", body).status == 201

    def found(q: str, caller: Browser = head) -> list[str]:
        return [one["email"] for one in caller("GET", f"/v1/people?chain=demo&q={q}").json["people"]]

    assert found("ZO%C3%8B") == found("zoe%40") == ["zoe@example.com"]
    assert found("%25") == ["half_price@example.com"]
    assert found("_") == ["half_price@example.com"]
    assert found("nobody") == []
    north = signed_in(url, "region:north")
    assert (found("zoe", north), found("bo%40", north)) == (["zoe@example.com"], [])
    page = head("GET", "/v1/people?chain=demo&q=example.com&limit=2").json
    rest = head("GET", f"/v1/people?chain=demo&q=example.com&limit=200&cursor={page['next']}").json
    emails = [one["email"] for one in page["people"] + rest["people"]]
    assert len(emails) == len(set(emails))
    assert {"zoe@example.com", "bo@example.com"} <= set(emails)
    assert head("GET", "/v1/people?chain=demo&q=").status == 422
