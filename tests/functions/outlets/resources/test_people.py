"""People to whom an order escalates: their days on call."""

from tests.support.outlets import CHAIN, Outlets


def test_a_day_that_no_calendar_has_is_refused(outlets: Outlets) -> None:
    body = {"name": "Ada", "role": "call", "robot": "bot", "address": "2001"}
    for day in ("2026-02-30", "0000-01-01", "0001-01-01"):
        refused = outlets.api("POST", f"/v1/outlets/people{CHAIN}", body | {"first_day": day})
        assert (refused.status, refused.json["code"]) == (422, "body_invalid"), day
    taken = outlets.api("POST", f"/v1/outlets/people{CHAIN}", body | {"first_day": "2026-02-28", "last_day": None})
    assert (taken.status, taken.json["first_day"]) == (201, "2026-02-28")
