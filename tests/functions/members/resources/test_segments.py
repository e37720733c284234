"""Segments over HTTP: counted, sampled, listed and exported."""

import base64
import csv
import io
from datetime import datetime
from pathlib import Path

import duckdb

from functions.members import api
from functions.members.tags.registry import TAGS
from stack.gateway_event import Context, event
from stack.signed_requests import signed_headers
from tests.support.members import query_segment
from tests.support.orders import Caller


def test_a_segment_is_counted_sampled_and_listed(members: Caller, guests: datetime) -> None:
    del guests
    for text, count in [
        ("tier = gold", 2), ("lapsed", 5), ("tier = gold AND lapsed AND city = 深圳", 1), ("NOT lapsed", 5),
        ("city = 深圳", 5), ("city != 深圳", 0), ("tier = gold OR home_store = s1", 7),
    ]:  # fmt: skip
        assert query_segment(members, "count", text).json["members"] == count, text
    sample = query_segment(members, "sample", "lapsed", "&limit=3").json["members"]
    assert len(sample) == 3
    assert {member["tags"]["lifecycle"] for member in sample} == {"lapsed"}
    listed: list[str] = []
    after: int | None = -1
    for _ in range(3):
        page = query_segment(members, "members", "lapsed", f"&limit=2&after={after}").json
        listed += [member["member"] for member in page["members"]]
        after = page["next"]
    assert (sorted(listed), after) == (["g5", "g6", "g7", "g8", "g9"], None)
    refused = members("GET", "/v1/segments/count?chain=demo&where=shiny")
    assert (refused.status, refused.json["code"]) == (422, "segment_malformed")


def test_a_value_with_a_quote_is_asked_for_by_two(members: Caller, guests: datetime) -> None:
    del guests
    assert query_segment(members, "count", 'item = "6"" sub, ""hot"""').json["members"] == 10


def test_an_export_is_the_same_table_as_csv_and_parquet(
    members: Caller, key: dict[str, str], guests: datetime, tmp_path: Path
) -> None:
    del guests
    first = query_segment(members, "export", "city = 深圳", "&limit=3")
    second = query_segment(members, "export", "city = 深圳", f"&limit=3&after={first.headers['x-next']}")
    assert "x-next" not in second.headers
    rows = [row for page in (first, second) for row in csv.DictReader(io.StringIO(page.text))]
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
