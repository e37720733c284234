"""Members over HTTP: profiles with reasons, consents, merges and erasure."""

import json
from datetime import UTC, datetime, timedelta

from functions.members import api
from functions.members.tags.registry import TAGS
from tests.support.members import Town, a_line, an_order, paid, query_segment, tell
from tests.support.orders import Caller, new_key


def test_a_profile_says_each_tag_and_the_facts_behind_it(town: Town, members: Caller) -> None:
    moment = datetime.now(UTC) - timedelta(days=3)
    tell([paid(an_order("anna", moment, lines=[a_line("cola", "drink", 3)], total=4_200))])
    town.spread()
    profile = members("GET", "/v1/members/anna?chain=demo").json
    assert (profile["member"], profile["first_store"], profile["profiling"]) == ("anna", "s1", True)
    tags = {tag["tag"]: tag for tag in profile["tags"]}
    assert set(tags) == set(TAGS) - {"city", "churn", "future_value"}
    assert tags["recency"]["why"] == {"last": moment.date().isoformat(), "days_since": 3}
    assert tags["ticket"]["why"] == {"amount": 4_200, "purchases": 1, "currency": "USD"}
    assert (tags["item"]["value"], tags["item"]["why"]) == ("cola", {"pieces": 3})
    begin = datetime.combine(moment.date() + timedelta(days=8), datetime.min.time(), UTC)
    assert datetime.fromisoformat(tags["recency"]["expires_at"]) == begin
    assert members("GET", "/v1/members/nobody?chain=demo").status == 404


def test_a_member_of_an_unknown_store_is_refused(members: Caller) -> None:
    refused = members("PUT", "/v1/members/anna?chain=demo", {"store": "s404"})
    assert (refused.status, [fault["code"] for fault in refused.json["errors"]]) == (422, ["unknown_store"])


def test_a_profile_is_read_while_its_member_is_being_changed(town: Town, members: Caller) -> None:
    members("PUT", "/v1/members/anna?chain=demo", {})
    with town.connect() as changing, changing.cursor() as cursor:
        cursor.execute("SELECT id FROM members FOR UPDATE")
        assert members("GET", "/v1/members/anna?chain=demo").status == 200


def test_an_erased_id_says_so_to_whoever_would_enrol_it_again(members: Caller) -> None:
    members("PUT", "/v1/members/anna?chain=demo", {})
    members("POST", "/v1/members/anna/forget?chain=demo", {})
    assert "erased" in members("PUT", "/v1/members/anna?chain=demo", {}).json["detail"]


def test_a_member_is_enrolled_found_merged_and_forgotten(town: Town, members: Caller) -> None:
    phone = {"phone": "+8613800000001", "store": "s1", "marketing": True}
    member = members("PUT", "/v1/members/anna?chain=demo", phone).json
    assert (member["identities"], member["marketing"], member["first_store"], member["tags"]) == (
        ["phone"],
        True,
        "s1",
        [],
    )
    assert members("PUT", "/v1/members/ben?chain=demo", {"phone": "+8613800000001"}).json["code"] == "identity_taken"
    by_phone = {"chain": "demo", "kind": "phone", "value": "+8613800000001"}
    assert members("POST", "/v1/member-lookups", by_phone).json == {"member": "anna"}
    tell([paid(an_order("app-7", datetime.now(UTC)))])
    merged = members("POST", "/v1/members/anna/merge?chain=demo", {"into": "app-7"})
    assert (merged.json["member"], merged.json["identities"]) == ("app-7", ["phone"])
    assert {tag["tag"]: tag["value"] for tag in merged.json["tags"]}["recency"] == "week"
    assert members("GET", "/v1/members/anna?chain=demo").json["id"] == merged.json["id"]
    assert members("POST", "/v1/member-lookups", by_phone).json == {"member": "app-7"}
    assert members("POST", "/v1/members/anna/forget?chain=demo").status == 200
    [(body,)] = town.run("SELECT body FROM messages WHERE type = 'member.forgotten'")
    assert json.loads(body)["data"]["external_ids"] == ["anna", "app-7"]
    assert members("GET", "/v1/members/app-7?chain=demo").status == 404
    assert members("POST", "/v1/member-lookups", by_phone).status == 404
    assert members("PUT", "/v1/members/app-7?chain=demo", {}).status == 404


def test_who_refuses_profiling_has_no_tags_until_they_allow_it_again(
    town: Town, members: Caller, guests: datetime
) -> None:
    del guests
    before = members("GET", "/v1/members/g0?chain=demo").json["tags"]
    refused = members("PUT", "/v1/members/g0?chain=demo", {"profiling": False}).json
    assert (refused["profiling"], refused["tags"]) == (False, [])
    tell([paid(an_order("g0", datetime.now(UTC), store="sz"))])
    assert town.spread() == 0
    town.announce()
    assert query_segment(members, "count", "tier = gold").json["members"] == 1
    assert query_segment(members, "sample", "city = 深圳").json["members"][0]["member"] != "g0"
    again = members("PUT", "/v1/members/g0?chain=demo", {"profiling": True}).json["tags"]
    assert {tag["tag"] for tag in again} == {tag["tag"] for tag in before}
    assert {tag["tag"]: tag["value"] for tag in again}["frequency"] == "occasional"


def test_a_member_is_first_seen_in_a_store_of_its_own_chain(town: Town) -> None:
    town.open_store("north", chain="other")
    key = new_key(town.env, town.url, ["members:write"])
    members = Caller(api.handler, key)
    refused = members("PUT", "/v1/members/anna?chain=demo", {"store": "north"})
    assert (refused.status, [fault["code"] for fault in refused.json["errors"]]) == (422, ["unknown_store"])
    assert members("PUT", "/v1/members/anna?chain=demo", {"store": "s1"}).json["first_store"] == "s1"
