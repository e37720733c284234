"""The body for an integrator: the whole message, without persons unless the endpoint asks for them."""

import json
from typing import Any

from functions.webhooks.content.body import body_for

ORDER: dict[str, Any] = {
    "id": "01M8J9KY00FSGS55BSE92F2JJ8",
    "guest": {"name": "Anna Karenina", "phone": "+8613800000001", "address": "Nevsky 1", "member": "card-1"},
    "lines": [{"item": "tea", "amount": 400, "note": "for Anna", "options": [], "combo": [{"note": "Anna again"}]}],
    "waiter": "Waiter Wronski",
    "voided": [{"person": "Manager Karenin", "reason": "spilled"}],
    "total": 400,
}
MESSAGE = json.dumps({"specversion": "1.0", "id": "m", "type": "order.paid", "sequence": 2, "data": {"order": ORDER}})
PERSONS = ("Anna", "Karenin", "Wronski", "1380000", "Nevsky", "card-1")


def test_no_person_is_in_a_message_without_the_setting() -> None:
    body = body_for(MESSAGE, guest=False).decode()
    assert [person for person in PERSONS if person in body] == []
    order = json.loads(body)["data"]["order"]
    assert order["guest"] is None
    assert order["lines"] == [
        {"item": "tea", "amount": 400, "note": None, "options": [], "combo": [{"note": None}]},
    ]
    assert order["total"] == 400


def test_with_the_setting_the_message_is_whole() -> None:
    assert json.loads(body_for(MESSAGE, guest=True)) == json.loads(MESSAGE)


def test_the_attributes_of_the_document_stay() -> None:
    document = json.loads(body_for(MESSAGE, guest=False))
    assert {name: document[name] for name in ("specversion", "id", "type", "sequence")} == {
        "specversion": "1.0",
        "id": "m",
        "type": "order.paid",
        "sequence": 2,
    }
