"""Every operation needs its right over the whole chain."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions.members import api
from stack.gateway_event import Context
from tests.support.members import Town
from tests.support.orders import Caller, new_key

RIGHTS = ["members:read", "members:write", "members:forget", "members:export", "tags:write"]


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
        ([granted for granted in RIGHTS if granted != right], "chain:demo"), ([right], "chain:other"),
        ([right], "store:demo:s1"),
    ):  # fmt: skip
        stranger = Caller(api.handler, new_key(town.env, town.url, rights, place))
        assert stranger(method, target, body).status == 403, (rights, place)


def test_sample_event_is_answered(town: Town) -> None:
    del town
    sample = json.loads(Path("events/members/api.json").read_text(encoding="utf-8"))
    assert api.handler(sample, Context())["statusCode"] == 401
