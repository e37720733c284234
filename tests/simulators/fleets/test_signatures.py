"""Signatures of the fleets: published examples, and sums by hand."""

import hashlib

from tests.simulators.fleets import signatures

# Uber's guide of webhooks prints this key, this body and the start of this sum.
UBER_KEY = "c5c26d5a-70d6-46c7-a652-d7c09825ad29"
UBER_BODY = b'{"kind": "event.courier_update", "location": {"lat": 37.7974109, "lng": -122.424145}}'
UBER_SUM = "cdff8133fb065f8d37a2c1c94c3331b6a82766d1"
# Meituan's description prints these fields, and the text before the hash.
MEITUAN_FIELDS = {
    "appkey": "test", "timestamp": 1477395862, "version": "1.0",
    "number": 123, "string": "测试", "double": 123.123, "boolean": "true", "empty": "",
}  # fmt: skip
MEITUAN_TEXT = "testappkeytestbooleantruedouble123.123number123string测试timestamp1477395862version1.0"


def test_uber_signs_as_its_guide_shows() -> None:
    assert signatures.uber(UBER_KEY, UBER_BODY).startswith(UBER_SUM)


def test_meituan_signs_the_text_of_its_description() -> None:
    expected = hashlib.sha1(MEITUAN_TEXT.encode()).hexdigest()  # noqa: S324 - the service prescribes SHA-1
    assert signatures.meituan("test", MEITUAN_FIELDS) == expected
    assert signatures.meituan("test", {**MEITUAN_FIELDS, "sign": "anything"}) == expected


def test_a_changed_field_changes_the_signature() -> None:
    changed = {**MEITUAN_FIELDS, "number": 124}
    assert signatures.meituan("test", changed) != signatures.meituan("test", MEITUAN_FIELDS)
