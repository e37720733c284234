"""Files of whole segments: all members once, however many parts, whoever is killed on the way; and who gets them."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from functions.members import api, backfill_tags
from functions.members.segments import exports
from functions.members.segments.exports import EXPORTS
from functions.members.tags.registry import TAGS
from shared.spine.errors import Misconfigured, Unavailable
from stack.emulator import Emulator
from stack.gateway_event import Context
from tests.support.members import Town, a_line, an_order, at, paid, tell, work_off
from tests.support.orders import Caller, new_key

EVER = datetime(9999, 1, 1, tzinfo=UTC)
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
GUESTS = 11


@pytest.fixture
def town(town: Town, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Eleven guests who bought yesterday, g7 for the most; parts of three members, of which S3 would want more."""
    emulator.client("s3").create_bucket(Bucket="exports")
    vars(town.env.settings)["exports_bucket"] = "exports"
    monkeypatch.setattr(exports, "MEMBERS_AT_ONCE", 3)
    monkeypatch.setattr(exports, "CHUNK_BYTES", 1)
    for n in range(GUESTS):
        total = 90_000 if n == 7 else 900
        tell([paid(an_order(f"g{n}", NOW - timedelta(days=1), total=total, lines=[a_line('6" sub, "hot"', "東")]))])
    with at(town.env, NOW):
        town.spread()
        town.announce()
    return town


@pytest.fixture
def members(town: Town) -> Caller:
    rights = ["members:read", "members:write", "members:forget", "members:export"]
    return Caller(api.handler, new_key(town.env, town.url, rights))


def asked(members: Caller, where: str = "recency = week", form: str = "csv") -> Any:
    answer = members("POST", "/v1/segments/exports", {"chain": "demo", "where": where, "format": form})
    assert (answer.status, answer.json["status"], answer.json["url"]) == (202, "waiting", None), answer.text
    return answer.json["id"]


def document_of(members: Caller, export: str) -> Any:
    answer = members("GET", f"/v1/segments/exports/{export}")
    assert answer.status == 200, answer.text
    return answer.json


def content(document: Any) -> bytes:
    assert document["status"] == "ended", document
    response = httpx.get(document["url"])
    assert response.status_code == 200
    assert len(response.content) == document["bytes"]
    return response.content


def table(document: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(document).decode(), newline="")))


def test_a_file_has_every_member_once_with_all_tags(town: Town, members: Caller) -> None:
    export = asked(members)
    work_off(town.env, EXPORTS)
    document = document_of(members, export)
    rows = table(document)
    assert [row["member"] for row in rows] == [f"g{n}" for n in range(GUESTS)]
    assert (document["members"], list(rows[0])) == (GUESTS, ["member", *TAGS])
    assert {row["item"] for row in rows} == {'6" sub, "hot"'}
    assert [row["member"] for row in rows if row["tier"] == "gold"] == ["g7"]
    assert town.run("SELECT JSON_LENGTH(parts) FROM segment_exports") == [(4,)]


def test_parquet_is_the_same_table(town: Town, members: Caller, tmp_path: Path) -> None:
    exports_by_form = [asked(members, form=form) for form in ("csv", "parquet")]
    work_off(town.env, EXPORTS)
    rows = table(document_of(members, exports_by_form[0]))
    file = tmp_path / "segment.parquet"
    file.write_bytes(content(document_of(members, exports_by_form[1])))
    read = duckdb.read_parquet(str(file))
    assert read.columns == ["member", *TAGS]
    assert read.fetchall() == [tuple(value or None for value in row.values()) for row in rows]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_segment_of_nobody_is_a_file_with_columns(town: Town, members: Caller, tmp_path: Path, form: str) -> None:
    export = asked(members, "recency = older", form)
    work_off(town.env, EXPORTS)
    file = tmp_path / f"segment.{form}"
    file.write_bytes(content(document_of(members, export)))
    read = duckdb.read_csv(str(file), header=True) if form == "csv" else duckdb.read_parquet(str(file))
    assert (read.columns, read.fetchall()) == (["member", *TAGS], [])


def worked(town: Town, minutes: int) -> bool:
    """A turn so many minutes from now; False where object storage refused it."""
    with at(town.env, datetime.now(UTC) + timedelta(minutes=minutes)):
        try:
            work_off(town.env, EXPORTS)
        except Misconfigured:
            return False
    return True


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("killed_at", ["update_begun", "update_progress", "update_ended"])
def test_what_was_killed_before_it_was_noted_is_done_again_and_nobody_is_twice_in_the_file(
    town: Town, members: Caller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, killed_at: str, form: str
) -> None:
    export = asked(members, form=form)
    with monkeypatch.context() as killed:
        killed.setattr(exports, killed_at, _killed)
        with pytest.raises(SystemExit):
            work_off(town.env, EXPORTS)
    for minutes in range(3, 12, 3):
        # At the end the upload had ended: it is begun anew.
        assert worked(town, minutes) or killed_at == "update_ended"
    document = document_of(members, export)
    file = tmp_path / f"segment.{form}"
    file.write_bytes(content(document))
    read = duckdb.read_csv(str(file)) if form == "csv" else duckdb.read_parquet(str(file))
    assert [row[0] for row in read.fetchall()] == [f"g{n}" for n in range(GUESTS)]
    assert document["members"] == GUESTS


def _killed(*_: Any) -> None:
    raise SystemExit


def test_object_storage_that_is_away_holds_up_no_other_export_and_is_asked_again(
    town: Town, members: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = asked(members), asked(members)
    moment = datetime.now(UTC)
    with monkeypatch.context() as away:
        away.setattr(town.env.aws, "begin_upload", _away)
        with pytest.raises(Unavailable):
            work_off(town.env, EXPORTS)
    with at(town.env, moment + timedelta(seconds=60)):
        work_off(town.env, EXPORTS)
        assert [document_of(members, export_id)["status"] for export_id in (first, second)] == ["waiting", "ended"]
    with at(town.env, moment + timedelta(minutes=3)):
        work_off(town.env, EXPORTS)
        assert document_of(members, first)["status"] == "ended"


def _away(*_: Any) -> str:
    raise Unavailable("aws_unreachable", "s3 did not answer")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_upload_that_is_not_known_any_more_is_begun_anew(
    town: Town, members: Caller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    export = asked(members, form=form)
    call = "put_part" if form == "csv" else "get_object"
    real, calls = getattr(town.env.aws, call), iter(range(100))
    monkeypatch.setattr(town.env.aws, call, lambda *arguments: real(*arguments) if next(calls) != 2 else _refused())
    with pytest.raises(Misconfigured):
        work_off(town.env, EXPORTS)
    with at(town.env, datetime.now(UTC) + timedelta(minutes=3)):
        work_off(town.env, EXPORTS)
    document = document_of(members, export)
    file = tmp_path / f"segment.{form}"
    file.write_bytes(content(document))
    read = duckdb.read_csv(str(file)) if form == "csv" else duckdb.read_parquet(str(file))
    assert [row[0] for row in read.fetchall()] == [f"g{n}" for n in range(GUESTS)]
    assert document["members"] == GUESTS


def test_an_upload_that_is_always_refused_fails_in_the_end(
    town: Town, members: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = asked(members)
    monkeypatch.setattr(town.env.aws, "put_part", _refused)
    for minutes in range(0, 15, 3):
        if worked(town, minutes):
            break
    document = document_of(members, export)
    assert (minutes, document["status"], document["url"]) == (9, "failed", None)


def _refused(*_: Any) -> str:
    raise Misconfigured("aws_refused", "s3 refused with 404")


def test_who_is_forgotten_or_refuses_profiling_is_in_no_file(town: Town, members: Caller) -> None:
    export = asked(members)
    assert members("POST", "/v1/members/g1/forget?chain=demo").status == 200
    assert members("PUT", "/v1/members/g2?chain=demo", {"profiling": False}).status == 200
    work_off(town.env, EXPORTS)  # before the bitmaps hear of it
    assert [row["member"] for row in table(document_of(members, export))] == [
        "g0",
        *(f"g{n}" for n in range(3, GUESTS)),
    ]


def test_a_file_is_for_who_may_export_of_that_chain_and_for_a_day(town: Town, members: Caller) -> None:
    export = asked(members)
    work_off(town.env, EXPORTS)
    reader = Caller(api.handler, new_key(town.env, town.url, ["members:read"]))
    body = {"chain": "demo", "where": "lapsed"}
    assert reader("POST", "/v1/segments/exports", body).status == 403
    assert reader("GET", f"/v1/segments/exports/{export}").status == 404
    assert members("POST", "/v1/segments/exports", body | {"chain": "other"}).status == 403
    assert members("POST", "/v1/segments/exports", body | {"where": "shiny"}).json["code"] == "segment_malformed"
    assert members("POST", "/v1/segments/exports", body | {"format": "xls"}).status == 422
    assert members("GET", "/v1/segments/exports/01ARZ3NDEKTSV4RRFFQ69G5FAV").json["code"] == "unknown_export"
    assert document_of(members, export)["status"] == "ended"
    with town.env.db.transaction() as transaction:
        transaction.execute("UPDATE segment_exports SET ended_at = ended_at - INTERVAL 24 HOUR")
    assert (document_of(members, export)["status"], document_of(members, export)["url"]) == ("expired", None)


def test_the_timer_s_handler_writes_what_waits(members: Caller) -> None:
    export = asked(members)
    backfill_tags.handler({}, Context())
    assert len(table(document_of(members, export))) == GUESTS
