"""Notices as people see them: the oldest first, those of the own stores, and one with its evidence."""

from tests.simulators.chat.fake import FakeChat
from tests.support.orders import Caller, an_order, new_key, open_store
from tests.support.outlets import CHAIN, Outlets, path_of, submit

PATH = "/v1/outlets/notices"


def caller(outlets: Outlets, rights: list[str], at: str) -> Caller:
    return Caller(outlets.api.handler, new_key(outlets.env, outlets.url, rights, at))


def test_the_oldest_come_first_page_by_page(outlets: Outlets, store: str) -> None:
    placed = [outlets.place(store) for _ in range(3)]
    first = outlets.api("GET", f"{PATH}{CHAIN}&order=oldest&limit=2").json
    rest = outlets.api("GET", f"{PATH}{CHAIN}&order=oldest&limit=2&after={first['next']}").json
    assert [notice["order"] for notice in first["notices"] + rest["notices"]] == placed
    assert [notice["order"] for notice in outlets.notices()] == placed[::-1]
    assert rest["next"] is None


def test_ended_ones_are_listed_apart(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    answered, waiting = outlets.place(store), outlets.place(store)
    submit(path_of(telegram.arrivals[0].links[0]), ready="20")
    assert [notice["order"] for notice in outlets.notices()] == [waiting]
    assert [notice["order"] for notice in outlets.notices("&which=ended")] == [answered]
    assert [notice["order"] for notice in outlets.notices(f"&which=all&outlet={store}")] == [waiting, answered]


def test_a_person_of_a_store_sees_its_orders_alone(outlets: Outlets, store: str) -> None:
    other = open_store(outlets.orders)
    outlets.add_outlet(other, ("bot", "1002"))
    mine, theirs = outlets.place(store), outlets.place(other)
    manager = caller(outlets, ["outlets:read"], f"store:demo:{store}")
    assert [notice["order"] for notice in manager("GET", PATH + CHAIN).json["notices"]] == [mine]
    assert [one["outlet"] for one in manager("GET", f"/v1/outlets/stores{CHAIN}").json["outlets"]] == [store]
    assert manager("GET", f"{PATH}{CHAIN}&outlet={other}").status == 403
    assert manager("GET", f"/v1/outlets/stores/{other}/check{CHAIN}").status == 403
    assert manager("GET", f"/v1/outlets/people{CHAIN}").status == 403
    assert manager("GET", f"/v1/outlets/people{CHAIN}&outlet={store}").status == 200
    all_of_them = {notice["order"]: notice["notice"] for notice in outlets.notices()}
    assert manager("GET", f"{PATH}/{all_of_them[mine]}{CHAIN}").status == 200
    assert manager("GET", f"{PATH}/{all_of_them[theirs]}{CHAIN}").status == 403
    stranger = caller(outlets, ["outlets:read"], "chain:rival")
    assert stranger("GET", PATH + CHAIN).status == 403
    assert stranger("GET", f"{PATH}/{all_of_them[mine]}?chain=rival").status == 404


def test_one_notice_shows_its_text_and_evidence(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    outlets.place(store)
    [listed] = outlets.notices()
    shown = outlets.api("GET", f"{PATH}/{listed['notice']}{CHAIN}").json
    assert telegram.arrivals[0].text.startswith(shown["text"])
    assert (shown["state"], shown["evidence"]) == ("sent", "reply")
    [message] = shown["messages"]
    assert (message["robot"], message["address"], message["state"]) == ("bot", "1001", "sent")
    assert shown["timezone"]


def test_the_check_of_an_outlet_names_what_is_missing(outlets: Outlets, telegram: FakeChat, store: str) -> None:
    def missing() -> list[str]:
        checked = outlets.api("GET", f"/v1/outlets/stores/{store}/check{CHAIN}").json
        assert checked["ready"] is (not checked["missing"])
        return [part["name"] for part in checked["missing"]]

    people = ["nobody_call", "nobody_second", "nobody_head_office", "operations"]
    assert missing() == ["second_robot", *people]
    outlets.add_person("operations", "bot", "2009")
    assert missing() == ["second_robot", "nobody_call", "nobody_second"]
    outlets.add_person("call", "bot", "2001", first_day="2020-01-01", last_day="2020-01-02")
    assert "nobody_call" in missing()
    for role in ("call", "second"):
        outlets.add_person(role, "bot", "2002", outlet=store)
    outlets.add_robot("bot-2", telegram, 2)
    outlets.add_outlet(store, ("bot", "1001"), ("bot-2", "1002"))
    assert missing() == []
    telegram.dead_chats |= {"1001", "1002"}
    outlets.place(store)
    outlets.look()
    assert missing() == ["living_chat", "dead_chat", "dead_chat"]
    outlets.add_outlet(store)
    assert missing() == ["chat"]


def test_people_of_an_outlet_are_on_call_by_its_clock(outlets: Outlets, store: str) -> None:
    outlets.add_person("call", "bot", "2001", name="Now", first_day="2020-01-01")
    outlets.add_person("call", "bot", "2001", name="Before", last_day="2020-01-01", outlet=store)
    people = outlets.api("GET", f"/v1/outlets/people{CHAIN}&outlet={store}").json["people"]
    assert {person["name"]: person["on_call"] for person in people} == {"Now": True, "Before": False}


def test_guests_are_shown_to_those_who_may_see_them(outlets: Outlets, store: str) -> None:
    """The text of an order that the outlet delivers has the guest's address. Keys of systems see it as before."""
    guest = {"name": "Ada Guest", "phone": "+8613800000000", "address": "1 Long Lane"}
    answer = outlets.orders("POST", "/v1/orders", an_order(store, service="delivery", guest=guest))
    assert answer.status == 201, answer.text
    outlets.carry()
    [listed] = outlets.notices()
    assert "1 Long Lane" in outlets.api("GET", f"{PATH}/{listed['notice']}{CHAIN}").json["text"]
