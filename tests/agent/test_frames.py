import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_link.frames import FROM_AGENT, FROM_RELAY, MAX_FRAME_BYTES, BadFrame, decode, encode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"{}", "not_text"),
        ("", "not_json"),
        ("[", "not_json"),
        ("[" * 20_000, "not_json"),
        ("[]", "no_type"),
        ("{}", "no_type"),
        ('{"type": 1}', "no_type"),
        ('{"type": "dance"}', "unknown_type"),
        ('{"type": "go"}', "bad_member"),
        ('{"type": "go", "job": ""}', "bad_member"),
        ('{"type": "go", "job": "a b"}', "bad_member"),
        ('{"type": "go", "job": ["a"]}', "bad_member"),
        ('{"type": "beat", "time": true}', "bad_member"),
        ('{"type": "beat", "time": NaN}', "bad_member"),
        ('{"type": "beat", "time": -1}', "bad_member"),
        ('{"type": "role", "role": "king"}', "bad_member"),
        ('{"type": "part", "job": "a", "part": 0, "data": "%"}', "bad_member"),
        ('{"type": "noted", "jobs": [1]}', "bad_member"),
        ('{"type": "go", "job": "a", "x": "' + "x" * MAX_FRAME_BYTES + '"}', "too_large"),
        ('{"type": "go", "job": "a", "x": "' + "\u4e2d" * (MAX_FRAME_BYTES // 3) + '"}', "too_large"),
    ],
)
def test_what_is_wrong_with_a_frame_has_a_name(text: str | bytes, code: str) -> None:
    with pytest.raises(BadFrame) as raised:
        decode(text, FROM_RELAY)
    assert raised.value.code == code


def test_a_payload_comes_in_exactly_one_way() -> None:
    payload = {"bytes": 1, "sha256": "0" * 64}
    job = {"type": "job", "job": "j", "printer": "p", "seq": 1, "deadline": 1, "kind": "k"}
    ways = {"data": "YQ==", "parts": 1, "link": "https://x"}
    for name, value in ways.items():
        assert decode(json.dumps({**job, "payload": {**payload, name: value}}), FROM_RELAY)["job"] == "j"
    for wrong in ({}, ways, {"data": "YQ==", "parts": 1}, {"parts": 0}, {"parts": 257}):
        with pytest.raises(BadFrame, match="payload"):
            decode(json.dumps({**job, "payload": {**payload, **wrong}}), FROM_RELAY)


def test_members_of_later_versions_are_ignored() -> None:
    assert decode('{"type": "go", "job": "a", "colour": {"deep": [1]}}', FROM_RELAY)["job"] == "a"


def test_a_member_that_is_null_is_one_that_is_missing() -> None:
    assert decode('{"type": "cancel", "job": "a", "printer": null}', FROM_RELAY)["job"] == "a"
    with pytest.raises(BadFrame):
        decode('{"type": "cancel", "job": null}', FROM_RELAY)


@given(st.text(max_size=200) | JSON.map(json.dumps))
def test_no_text_does_worse_than_bad_frame(text: str) -> None:
    for known in (FROM_RELAY, FROM_AGENT):
        try:
            decode(text, known)
        except BadFrame as fault:
            assert fault.code  # noqa: PT017 - whatever else is raised fails the test


@given(st.sampled_from(sorted(FROM_RELAY)), st.dictionaries(st.sampled_from(["job", "printer", "payload"]), JSON))
def test_no_member_does_worse_than_bad_frame(kind: str, members: dict[str, object]) -> None:
    try:
        decode(json.dumps({"type": kind, **members}), FROM_RELAY)
    except BadFrame as fault:
        assert fault.about == kind  # noqa: PT017 - as above


def test_what_is_sent_is_ascii_and_never_too_large() -> None:
    assert encode({"type": "bye", "reason": "\u4e2d"}).isascii()
    with pytest.raises(ValueError, match="result"):
        encode({"type": "result", "detail": "x" * MAX_FRAME_BYTES})
