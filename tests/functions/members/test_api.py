"""Members over HTTP: profiles with reasons, segments, what tags go by; and who may."""

import base64
import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from functions.members import api
from functions.members.calculator import chain_rules
from functions.members.recalculation.backfills import BACKFILLS
from functions.members.segments.matching import sampled
from functions.members.tags.registry import TAGS
from stack.gateway_event import Context, event
from stack.signed_requests import signed_headers
from tests.functions.members.kit import Town, a_line, an_order, at, paid, tell, work_off
from tests.support.orders import Caller, new_key

RIGHTS = ["members:read", "members:write", "members:forget", "members:export", "tags:write"]


@pytest.fixture
def key(town: Town) -> dict[str, str]:
    return new_key(town.env, town.url, RIGHTS)


@pytest.fixture
def members(key: dict[str, str]) -> Caller:
    return Caller(api.handler, key)


@pytest.fixture
def guests(town: Town) -> datetime:
    """Ten guests: g0 to g4 bought yesterday, the others 200 days ago; even ones in 深圳, of whom g0 and g8 are big."""
    town.open_store("sz", "深圳", "Asia/Shanghai")
    now = datetime.now(UTC)
    for n in range(10):
        moment = now - timedelta(days=1 if n < 5 else 200)
        parts: dict[str, Any] = {"store": "sz" if n % 2 == 0 else "s1", "total": 70_000 if n in {0, 8} else 900}
        tell([paid(an_order(f"g{n}", moment, lines=[a_line('6" sub, "hot"', "subs")], **parts))])
    town.spread()
    town.announce()
    return now


def where(members: Caller, what: str, text: str, more: str = "") -> Any:
    answer = members("GET", f"/v1/segments/{what}?chain=demo&where={quote(text)}{more}")
    assert answer.status == 200, answer.text
    return answer


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
    made = members("PUT", "/v1/members/anna?chain=demo", phone).json
    assert (made["identities"], made["marketing"], made["first_store"], made["tags"]) == (["phone"], True, "s1", [])
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
    [(told,)] = town.run("SELECT body FROM messages WHERE type = 'member.forgotten'")
    assert json.loads(told)["data"]["external_ids"] == ["anna", "app-7"]
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
    assert where(members, "count", "tier = gold").json["members"] == 1
    assert where(members, "sample", "city = 深圳").json["members"][0]["member"] != "g0"
    again = members("PUT", "/v1/members/g0?chain=demo", {"profiling": True}).json["tags"]
    assert {tag["tag"] for tag in again} == {tag["tag"] for tag in before}
    assert {tag["tag"]: tag["value"] for tag in again}["frequency"] == "occasional"


def test_a_segment_is_counted_sampled_and_listed(members: Caller, guests: datetime) -> None:
    del guests
    for text, count in [
        ("tier = gold", 2), ("lapsed", 5), ("tier = gold AND lapsed AND city = 深圳", 1), ("NOT lapsed", 5),
        ("city = 深圳", 5), ("city != 深圳", 0), ("tier = gold OR home_store = s1", 7),
    ]:  # fmt: skip
        assert where(members, "count", text).json["members"] == count, text
    sample = where(members, "sample", "lapsed", "&limit=3").json["members"]
    assert len(sample) == 3
    assert {each["tags"]["lifecycle"] for each in sample} == {"lapsed"}
    listed: list[str] = []
    after: int | None = -1
    for _ in range(3):
        page = where(members, "members", "lapsed", f"&limit=2&after={after}").json
        listed += [each["member"] for each in page["members"]]
        after = page["next"]
    assert (sorted(listed), after) == (["g5", "g6", "g7", "g8", "g9"], None)
    refused = members("GET", "/v1/segments/count?chain=demo&where=shiny")
    assert (refused.status, refused.json["code"]) == (422, "segment_malformed")


def test_a_value_with_a_quote_is_asked_for_by_two(members: Caller, guests: datetime) -> None:
    del guests
    assert where(members, "count", 'item = "6"" sub, ""hot"""').json["members"] == 10


def test_a_sample_has_no_list_of_all_in_memory() -> None:
    everybody = (1 << 65_536) - 1
    tracemalloc.start()
    found = sampled({0: everybody, 1: everybody}, 20, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (len(found), found == sorted(found)) == (20, True)
    assert peak < 500_000


def test_an_export_is_the_same_table_as_csv_and_parquet(
    members: Caller, key: dict[str, str], guests: datetime, tmp_path: Path
) -> None:
    del guests
    first = where(members, "export", "city = 深圳", "&limit=3")
    rest = where(members, "export", "city = 深圳", f"&limit=3&after={first.headers['x-next']}")
    assert "x-next" not in rest.headers
    rows = [row for page in (first, rest) for row in csv.DictReader(io.StringIO(page.text))]
    assert [row["member"] for row in rows] == ["g0", "g2", "g4", "g6", "g8"]
    assert {row["item"] for row in rows} == {'6" sub, "hot"'}
    target = "/v1/segments/export?chain=demo&where=city%20%3D%20%E6%B7%B1%E5%9C%B3&format=parquet"
    headers = {name.lower(): value for name, value in signed_headers(key, "GET", target, b"").items()}
    reply = api.handler(event("GET", target, headers | {"host": "api"}, b""), Context())
    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, True)
    file = tmp_path / "segment.parquet"
    file.write_bytes(base64.b64decode(reply["body"]))
    table = duckdb.read_parquet(str(file))
    assert table.columns == ["member", *TAGS]
    assert table.fetchall() == [tuple(value or None for value in row.values()) for row in rows]


def test_coverage_and_distribution_of_every_tag(members: Caller, guests: datetime) -> None:
    del guests
    tags = {tag["tag"]: tag for tag in members("GET", "/v1/tags?chain=demo").json["tags"]}
    assert set(tags) == set(TAGS)
    assert (tags["tier"]["members"], tags["tier"]["values"]) == (10, {"bronze": 8, "gold": 2})
    assert (tags["city"]["members"], tags["city"]["values"]) == (5, {"深圳": 5})
    assert (tags["churn"]["members"], tags["churn"]["values"]) == (0, {})


def test_new_thresholds_begin_a_backfill_of_the_tags_they_change(town: Town, members: Caller, guests: datetime) -> None:
    del guests
    settings = {"thresholds": {"tier": {"amount": [100, 500, 900]}}}
    kept = members("PUT", "/v1/tag-settings?chain=demo", settings).json
    assert kept["thresholds"]["tier"] == {"window": 365, "amount": [100, 500, 900]}
    assert kept["thresholds"]["recency"] == {"days": [7, 30, 90, 180]}
    [run] = members("GET", "/v1/tag-backfills?chain=demo").json["backfills"]
    assert (run["tags"], run["status"], run["visited"]) == (["tier"], "running", 0)
    assert members("POST", f"/v1/tag-backfills/{run['id']}/pause").json["status"] == "paused"
    assert members("POST", f"/v1/tag-backfills/{run['id']}/resume").json["status"] == "running"
    chain_rules.rules_cache.clear(town.env)
    with at(town.env, datetime.now(UTC) + timedelta(minutes=3)):
        work_off(town.env, BACKFILLS)
        town.announce()
    [run] = members("GET", "/v1/tag-backfills?chain=demo").json["backfills"]
    assert (run["status"], run["visited"], run["changed"]) == ("ended", 10, 10)
    assert where(members, "count", "tier = platinum").json["members"] == 10
    assert members("POST", f"/v1/tag-backfills/{run['id']}/pause").json["code"] == "not_running"
    made = members("POST", "/v1/tag-backfills", {"chain": "demo", "tags": ["tier", "city"]})
    assert (made.status, made.json["tags"]) == (201, ["city", "tier"])


def test_a_newer_backfill_takes_the_place_of_one_that_waits(members: Caller) -> None:
    for amount in (1, 2, 3):
        members("PUT", "/v1/tag-settings?chain=demo", {"thresholds": {"tier": {"amount": [amount] * 3}}})
    members("POST", "/v1/tag-backfills", {"chain": "demo", "tags": ["city"]})
    runs = members("GET", "/v1/tag-backfills?chain=demo").json["backfills"]
    assert sorted((run["tags"][0], run["status"]) for run in runs) == [
        ("city", "running"), ("tier", "replaced"), ("tier", "replaced"), ("tier", "running"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"thresholds": {"shoe": {}}}, "thresholds.shoe"),
        ({"thresholds": {"tier": {"amount": [1, 2]}}}, "thresholds.tier.amount.2"),
        ({"thresholds": {"tier": {"colour": 1}}}, "thresholds.tier.colour"),
        ({"thresholds": {"tier": {"amount": [3, 2, 1]}}}, "thresholds.tier"),
        ({"thresholds": {"churn": {"percent": [40, 80]}}}, "thresholds.churn"),
        ({"thresholds": {"recency": {"days": [-1, 3, 14, 45]}}}, "thresholds.recency"),
        ({"thresholds": {"frequency": {"window": 10**13}}}, "thresholds.frequency.window"),
        ({"thresholds": {"tier": {"window": 0}}}, "thresholds.tier.window"),
        ({"thresholds": {"churn": {"percent": [999, 100]}}}, "thresholds.churn.percent.0"),
        ({"thresholds": {"discount": {"percent": [20, 300]}}}, "thresholds.discount.percent.1"),
        ({"thresholds": {"weekpart": {"weekend": [9]}}}, "thresholds.weekpart.weekend.0"),
        ({"thresholds": {"daypart": {"begins": [5, 11, 14, 17, 25]}}}, "thresholds.daypart.begins.4"),
        ({"thresholds": {"lifecycle": {"at_risk": 181}}}, "thresholds.lifecycle"),
        ({"timezone": "Factory"}, "timezone"),
        ({"timezone": "localtime"}, "timezone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_settings_without_sense_are_refused_by_name(members: Caller, settings: dict[str, Any], path: str) -> None:
    refused = members("PUT", "/v1/tag-settings?chain=demo", settings)
    assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [path])


@pytest.mark.parametrize(
    ("method", "target", "body", "right"),
    [
        ("GET", "/v1/members/g1?chain=demo", None, "members:read"),
        ("PUT", "/v1/members/g1?chain=demo", {}, "members:write"),
        ("POST", "/v1/members/g1/merge?chain=demo", {"into": "g2"}, "members:write"),
        ("POST", "/v1/members/g1/forget?chain=demo", None, "members:forget"),
        ("POST", "/v1/member-lookups", {"chain": "demo", "kind": "card", "value": "123"}, "members:read"),
        ("GET", "/v1/segments/count?chain=demo&where=lapsed", None, "members:read"),
        ("GET", "/v1/segments/sample?chain=demo&where=lapsed", None, "members:read"),
        ("GET", "/v1/segments/members?chain=demo&where=lapsed", None, "members:read"),
        ("GET", "/v1/segments/export?chain=demo&where=lapsed", None, "members:export"),
        ("POST", "/v1/segments/exports", {"chain": "demo", "where": "lapsed"}, "members:export"),
        ("GET", "/v1/tags?chain=demo", None, "members:read"),
        ("GET", "/v1/tag-settings?chain=demo", None, "members:read"),
        ("PUT", "/v1/tag-settings?chain=demo", {}, "tags:write"),
        ("GET", "/v1/tag-backfills?chain=demo", None, "members:read"),
        ("POST", "/v1/tag-backfills", {"chain": "demo", "tags": ["tier"]}, "tags:write"),
    ],
)
def test_each_takes_its_right_to_the_whole_chain(town: Town, method: str, target: str, body: Any, right: str) -> None:
    for rights, place in (
        ([each for each in RIGHTS if each != right], "chain:demo"), ([right], "chain:other"),
        ([right], "store:demo:s1"),
    ):  # fmt: skip
        stranger = Caller(api.handler, new_key(town.env, town.url, rights, place))
        assert stranger(method, target, body).status == 403, (rights, place)


def test_sample_event_is_answered(town: Town) -> None:
    del town
    sample = json.loads(Path("events/members/api.json").read_text(encoding="utf-8"))
    assert api.handler(sample, Context())["statusCode"] == 401
