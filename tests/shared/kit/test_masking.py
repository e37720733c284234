"""Masks of personal data."""

import json

import pytest

from shared.kit.masking import masked, masked_message, masked_name, masked_phone


@pytest.mark.parametrize(
    ("name", "shown"), [("Wang Wei", "W•••"), ("王伟", "王•••"), ("X", "•••"), ("", "•••"), ("<script>", "<•••")]
)
def test_of_a_name_the_first_character_is_shown(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("+86 138 0013 8034", "••• 34"), ("12345678", "••• 78"), ("1234567", "•••"), ("ext", "•••")]
)
def test_of_a_phone_the_last_two_digits_are_shown(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_a_document_loses_its_guest_and_its_notes_at_any_depth_and_nothing_else() -> None:
    guest = {
        "member": "m-17",
        "name": "Wang Wei",
        "phone": "+86 138 0013 8034",
        "address": "7 Lu Xun Road",
        "email": "w@e",
    }
    order = {
        "id": "1",
        "guest": guest,
        "note": "ring twice",
        "lines": [
            {"name": "Pizza", "note": "for Wang", "options": [{"name": "cheese"}]},
            {"name": "Tea", "note": None},
        ],
        "total": 5,
    }
    trace = {"messages": [{"data": {"order": order, "changes": [{"field": "note", "before": "ring", "after": None}]}}]}
    before = json.dumps(trace)
    [message] = masked(trace)["messages"]
    hidden = message["data"]["order"]
    assert hidden["guest"] == {"member": "•••", "name": "W•••", "phone": "••• 34", "address": "•••", "email": "•••"}
    assert hidden["note"] == "•••"
    assert [line["note"] for line in hidden["lines"]] == ["•••", None]
    assert [line["name"] for line in hidden["lines"]] == ["Pizza", "Tea"]
    assert message["data"]["changes"] == [{"field": "note", "before": "•••", "after": None}]
    assert hidden["total"] == 5
    assert json.dumps(trace) == before


def test_a_guest_that_is_unknown_stays_unknown() -> None:
    assert masked({"guest": None, "note": ""}) == {"guest": None, "note": None}
    assert masked({"guest": {"name": None, "phone": None}})["guest"] == {"name": None, "phone": None}


def test_people_who_served_and_their_words_are_masked_before_and_after_a_change() -> None:
    delta = {
        "version": 2, "person": "bo", "reason": "Ann changed her mind", "client": "till-1",
        "fields": [
            {"field": "note", "before": "for Ann", "after": None}, {"field": "waiter", "before": "Bo", "after": "Cy"},
            {"field": "table", "before": "4", "after": "5"},
        ],
        "voided": [{"line": {"name": "Tea", "note": "for Ann"}, "reason": "Ann left", "person": "bo"}],
    }  # fmt: skip
    data = {"delta": delta, "order": {"waiter": "Cy", "note": None}}
    assert masked({"type": "order.changed", "data": data})["data"] == masked_message("order.changed", data) == {
        "delta": {
            "version": 2, "person": "•••", "reason": "•••", "client": "till-1",
            "fields": [
                {"field": "note", "before": "•••", "after": None}, {"field": "waiter", "before": "•••", "after": "•••"},
                {"field": "table", "before": "4", "after": "5"},
            ],
            "voided": [{"line": {"name": "Tea", "note": "•••"}, "reason": "•••", "person": "•••"}],
        },
        "order": {"waiter": "•••", "note": None},
    }  # fmt: skip


def test_a_reason_that_is_a_word_of_ours_is_shown() -> None:
    asks = {"type": "printing.needs_person", "data": {"reason": "unknown", "by": "p-1"}}
    assert masked({"messages": [asks]})["messages"][0]["data"] == {"reason": "unknown", "by": "•••"}
    assert masked_message("order.cancelled", {"reason": "unknown"}) == {"reason": "•••"}
