"""A person without `personal:read` knows members by our own id alone."""

from functions.members import api
from shared.contracts.ids import member_id
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.orders import Caller, new_key
from tests.support.people import signed_in


def test_marketing_reads_a_profile_under_our_id(env: Environment, database: MariaDB) -> None:
    key = Caller(api.handler, new_key(env, database.owner.url, ["members:read", "members:write"]))
    assert key("PUT", "/v1/members/13800138034?chain=demo", {"phone": "13800138034"}).status == 200
    marketing = signed_in(database.owner.url, "marketing", handler=api.handler)
    ours = member_id("demo", "13800138034")
    lookup = {"chain": "demo", "kind": "phone", "value": "13800138034"}
    assert marketing("POST", "/v1/member-lookups", lookup).json == {"member": ours}
    profile = marketing("GET", f"/v1/members/{ours}?chain=demo")
    assert profile.status == 200, profile.text
    assert profile.json["member"] == ours
    assert "13800138034" not in profile.text
    head = signed_in(database.owner.url, "head_office", handler=api.handler)
    assert head("GET", f"/v1/members/{ours}?chain=demo").json["member"] == "13800138034"
    assert key("GET", "/v1/members/13800138034?chain=demo").json["member"] == "13800138034"


def test_our_id_of_another_chain_names_no_member(env: Environment, database: MariaDB) -> None:
    rival = Caller(api.handler, new_key(env, database.owner.url, ["members:read", "members:write"], "chain:rival"))
    assert rival("PUT", "/v1/members/m1?chain=rival", {}).status == 200
    marketing = signed_in(database.owner.url, "marketing", handler=api.handler)
    assert marketing("GET", f"/v1/members/{member_id('rival', 'm1')}?chain=demo").status == 404
    assert marketing("GET", f"/v1/members/{member_id('rival', 'm1')}?chain=rival").status == 403
