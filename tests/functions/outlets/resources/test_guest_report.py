"""The report of pushes: outcomes by rule, what consents still allow, and the newest pushes, of one chain alone."""

from datetime import timedelta

from tests.support.outlets import CHAIN
from tests.support.pushes import Pushes

GUEST = "openid-1"
PATH = "/v1/outlets/guest-pushes"


def test_the_report_counts_outcomes_and_consents(pushes: Pushes) -> None:
    pushes.rule("ready")
    pushes.accept(GUEST, "t1", "t2", "t2")
    _, token = pushes.device(GUEST)
    for place in range(2):
        pushes.move(pushes.place(token, place))
        pushes.carry()
    answer = pushes.api("GET", PATH + CHAIN)
    assert answer.status == 200, answer.text
    counts = {(one["state"], one["reason"]): one["pushes"] for one in answer.json["counts"]}
    # One accept of t1 is one message. The second order has no consent.
    assert counts == {("sent", None): 1, ("dropped", "no_consent"): 1}
    assert {one["rule"] for one in answer.json["counts"]} == {"ready"}
    free = {one["template"]: (one["free"], one["guests"]) for one in answer.json["consents"]}
    assert free == {"t2": (1, 1)}
    assert [one["state"] for one in answer.json["newest"]] == ["dropped", "sent"]


def test_older_pushes_and_other_chains_are_left_out(pushes: Pushes) -> None:
    pushes.rule("ready")
    pushes.accept(GUEST, "t1")
    _, token = pushes.device(GUEST)
    pushes.move(pushes.place(token))
    pushes.carry()
    assert pushes.api("GET", PATH + "?chain=rival").status == 403
    clock = pushes.env.clock
    later = clock() + timedelta(days=8)
    pushes.env.clock = lambda: later
    pushes.api.at = int(later.timestamp())
    report = pushes.api("GET", PATH + CHAIN).json
    assert (report["counts"], report["newest"]) == ([], [])
