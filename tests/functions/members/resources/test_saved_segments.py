"""Segments that people keep by name: seen by the chain, changed by the owner, and hidden from other chains."""

from typing import Any

import pytest

from functions.members import api
from stack.mariadb import MariaDB
from tests.support.members import Town
from tests.support.orders import Caller
from tests.support.people import Browser, signed_in

SAVED = "/v1/segments/saved"
LAPSED = {"chain": "demo", "name": "Lapsed gold", "where": "tier IN (gold) AND lifecycle IN (lapsed)"}

COPY = """
    INSERT INTO saved_segments SELECT %s, chain_id, %s, expression, owner_id, made_at, changed_at FROM saved_segments
    WHERE id = %s"""


@pytest.fixture
def mara(town: Town, database: MariaDB) -> Browser:
    """A person of marketing."""
    del town
    return signed_in(database.owner.url, "marketing", handler=api.handler)


def save(browser: Browser, **different: Any) -> Any:
    answer = browser("POST", SAVED, LAPSED | different)
    assert answer.status == 201, answer.text
    return answer.json


def listed(browser: Browser) -> list[Any]:
    segments: list[Any] = browser("GET", f"{SAVED}?chain=demo").json["segments"]
    return segments


def test_a_colleague_sees_a_saved_segment_and_its_owner(mara: Browser, database: MariaDB) -> None:
    save(mara)
    colleague = signed_in(database.owner.url, "marketing", handler=api.handler)
    [seen] = listed(colleague)
    assert (seen["name"], seen["where"], seen["owner_name"]) == (LAPSED["name"], LAPSED["where"], "Pat Person")
    assert (seen["may_change"], listed(mara)[0]["may_change"]) == (False, True)


def test_only_the_owner_and_the_head_office_change_it(mara: Browser, database: MariaDB) -> None:
    address = f"{SAVED}/{save(mara)['id']}"
    colleague = signed_in(database.owner.url, "marketing", handler=api.handler)
    for method, body in (("PATCH", {"name": "Mine"}), ("DELETE", None)):
        assert colleague(method, address, body).status == 403
    assert mara("PATCH", address, {"name": "Gold that left"}).json["name"] == "Gold that left"
    head = signed_in(database.owner.url, "head_office", handler=api.handler)
    assert head("PATCH", address, {"where": "lapsed"}).json["where"] == "lapsed"
    assert head("DELETE", address).status == 200
    assert listed(mara) == []
    assert mara("DELETE", address).status == 404


def test_another_chain_neither_sees_nor_changes_it(mara: Browser, database: MariaDB) -> None:
    address = f"{SAVED}/{save(mara)['id']}"
    rival = signed_in(database.owner.url, "head_office", chain="rival", handler=api.handler)
    assert rival("GET", f"{SAVED}?chain=demo").status == 403
    assert rival("GET", f"{SAVED}?chain=rival").json == {"segments": []}
    assert [rival("PATCH", address, {"name": "x"}).status, rival("DELETE", address).status] == [404, 404]
    assert save(rival, chain="rival")["chain"] == "rival"


def test_a_manager_of_a_store_keeps_none(database: MariaDB, town: Town) -> None:
    del town
    manager = signed_in(database.owner.url, "store_manager:s1", handler=api.handler)
    assert manager("POST", SAVED, LAPSED).status == 403
    assert manager("GET", f"{SAVED}?chain=demo").status == 403


def test_a_name_is_used_once_and_an_expression_is_read_first(mara: Browser) -> None:
    save(mara)
    again = mara("POST", SAVED, LAPSED)
    assert (again.status, again.json["code"]) == (409, "name_taken")
    other = save(mara, name="Other")
    assert mara("PATCH", f"{SAVED}/{other['id']}", {"name": LAPSED["name"]}).json["code"] == "name_taken"
    for wrong in (
        mara("POST", SAVED, LAPSED | {"name": "New", "where": "shiny"}),
        mara("PATCH", f"{SAVED}/{other['id']}", {"where": "shiny"}),
    ):
        assert (wrong.status, wrong.json["code"]) == (422, "segment_malformed")


def test_a_chain_keeps_two_hundred(mara: Browser, database: MariaDB) -> None:
    segment = save(mara)
    row = [(f"{segment['id'][:23]}{number:03}", f"n{number}", segment["id"]) for number in range(1, 200)]
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(COPY, row)
    answer = mara("POST", SAVED, LAPSED | {"name": "One more"})
    assert (answer.status, answer.json["code"]) == (409, "too_many_segments")


def test_an_api_key_keeps_segments_too(members: Caller) -> None:
    answer = members("POST", SAVED, LAPSED)
    assert answer.status == 201, answer.text
    assert (answer.json["owner_name"], answer.json["may_change"]) == (None, True)
