"""What a manager may give: never more than the manager has, never elsewhere."""

import pytest

from functions.people.authority.giving import Role, may_give_key, may_give_role
from shared.spine.auth import Client
from shared.spine.rights import Binding, Grant, Scope
from shared.spine.roles import LEVELS, ROLES, grants_of

STORES = {"s1": Scope("demo", "north", "s1"), "s2": Scope("demo", "south", "s2")}
ANY = [Binding("*", "*")]


def having(role: str, level: str, scope_id: str) -> Client:
    return Client("p-1", grants_of(role, level, "demo", scope_id), (), 1, 0, ANY)


HEAD, NORTH, S1 = (
    having("head_office", "chain", "demo"),
    having("region", "region", "north"),
    having("store_manager", "store", "s1"),
)


@pytest.mark.parametrize(
    ("role", "by_head", "by_north"),
    [
        (Role("head_office", "chain", "demo"), True, False),
        (Role("marketing", "chain", "demo"), True, False),
        (Role("region", "region", "north"), True, True),
        (Role("region", "region", "south"), True, False),
        (Role("store_manager", "store", "s1"), True, True),
        (Role("store_manager", "store", "s2"), True, False),
        (Role("store_manager", "store", "unknown"), True, False),
        (Role("operator", "region", "north"), True, False),
        (Role("operator", "store", "s1"), True, False),
        (Role("unknown", "store", "s1"), True, True),
    ],
)
def test_a_role_is_given_by_who_has_all_its_rights_there(role: Role, by_head: bool, by_north: bool) -> None:  # noqa: FBT001
    assert may_give_role(HEAD, "demo", role, STORES) == by_head
    assert may_give_role(NORTH, "demo", role, STORES) == by_north
    assert not may_give_role(S1, "demo", role, STORES)
    assert not may_give_role(HEAD, "rival", role, STORES)


@pytest.mark.parametrize("right", sorted(ROLES["store_manager"]))
def test_who_lacks_one_right_of_a_role_does_not_give_it(right: str) -> None:
    rights = ROLES["store_manager"] | {"people:manage"}
    role = Role("store_manager", "store", "s1")
    whole, less = (
        Client("k1", [Grant(name, "chain", "demo", "demo") for name in names], (), 1, 0, ANY)
        for names in (rights, rights - {right})
    )
    assert may_give_role(whole, "demo", role, STORES)
    assert not may_give_role(less, "demo", role, STORES)


def test_a_key_that_is_bound_to_sources_makes_no_person_who_is_not() -> None:
    grants = grants_of("head_office", "chain", "demo", "demo")
    till = Client("k1", grants, (), 1, 0, [Binding("till", "*")])
    assert not may_give_role(till, "demo", Role("store_manager", "store", "s1"), STORES)
    assert may_give_role(till, "demo", Role("marketing", "chain", "demo"), STORES)


@pytest.mark.parametrize(
    ("grant", "source", "by_head", "by_north"),
    [
        ("orders:read@chain:demo", "till:*", True, False),
        ("orders:read@chain:rival", "till:*", False, False),
        ("orders:read@region:demo:north", "till:*", True, False),
        ("orders:read@store:demo:s1", "till:*", True, False),
    ],
)
def test_a_key_is_made_by_who_manages_keys_there(grant: str, source: str, by_head: bool, by_north: bool) -> None:  # noqa: FBT001
    asked = ([Grant.parse(grant)], [Binding.parse(source)], STORES)
    assert may_give_key(HEAD, *asked) == by_head
    assert may_give_key(NORTH, *asked) == by_north


@pytest.mark.parametrize(
    ("own", "asked", "given"),
    [
        ("till:*", "till:t1", True),
        ("till:*", "till:*", True),
        ("till:t1", "till:t1", True),
        ("till:t1", "till:*", False),
        ("till:t1", "till:t2", False),
        ("till:*", "mini_program:*", False),
        ("till:*", "*:*", False),
        ("*:*", "*:*", True),
    ],
)
def test_a_key_gets_no_source_that_its_maker_lacks(own: str, asked: str, given: bool) -> None:  # noqa: FBT001
    maker = Client("k1", grants_of("head_office", "chain", "demo", "demo"), (), 1, 0, [Binding.parse(own)])
    grants = [Grant.parse("orders:place@store:demo:s1")]
    assert may_give_key(maker, grants, [Binding.parse(asked)], STORES) == given


def test_a_store_manager_of_a_region_has_all_that_a_store_manager_has() -> None:
    assert ROLES["store_manager"] <= ROLES["region"] <= ROLES["head_office"]
    assert ROLES.keys() == LEVELS.keys()


@pytest.mark.parametrize("role", ["marketing", "operator"])
def test_personal_data_is_for_who_needs_it(role: str) -> None:
    assert "personal:read" not in ROLES[role]
