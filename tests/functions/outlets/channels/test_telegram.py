"""Telegram, by core.telegram.org/bots/api and public reports."""

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Accepted,
    Blocked,
    Button,
    Card,
    Failure,
    Forged,
    Pressed,
    Refused,
    Unblocked,
    Unreadable,
    Written,
)
from shared.kit.outside.exchange import Reply
from tests.support.channels import NOW, SECRET, TS, body_of, callback_of, failure_of, reply_of, robot_of, sent

TELEGRAM = CHANNELS["telegram"]
ROBOT = robot_of("telegram", token="unused", callback_secret="secret")


def told(update: object, secret: str = SECRET) -> list[object]:
    return list(TELEGRAM.events(ROBOT, callback_of(update, x_telegram_bot_api_secret_token=secret), NOW))


def test_a_card_is_plain_text_with_buttons_and_without_a_preview() -> None:
    call = sent("telegram", Card("1 × <b>tea</b>", "https://c.example/o", "Order", (Button("y", "Confirm", "v" * 80),)))
    body = body_of(call)
    assert call.url == "https://api.telegram.org/bot/sendMessage"
    assert body["text"] == "1 × <b>tea</b>\nOrder: https://c.example/o"
    assert "parse_mode" not in body
    assert body["link_preview_options"] == {"is_disabled": True}
    [[button]] = body["reply_markup"]["inline_keyboard"]
    assert len(button["callback_data"].encode()) <= 64


def test_the_token_is_not_shown() -> None:
    call = TELEGRAM.send(robot_of("telegram"), "1", Card("a"), "k", NOW)
    assert "telegram.org" not in repr(call)


def test_4096_units_of_utf16_are_the_most() -> None:
    text = body_of(sent("telegram", Card("😀" * 4000)))["text"]
    assert len(text.encode("utf-16-le")) // 2 in (4095, 4096)


def test_an_accepted_message_has_an_id_of_its_chat() -> None:
    document = {"ok": True, "result": {"message_id": 7, "chat": {"id": -100}}}
    assert TELEGRAM.outcome(reply_of(document)) == Accepted("-100:7")


@pytest.mark.parametrize(
    ("code", "description", "failure"),
    [
        (403, "Forbidden: bot was blocked by the user", Failure.DEAD),
        (403, "Forbidden: bot was kicked from the group chat", Failure.DEAD),
        (400, "Bad Request: chat not found", Failure.DEAD),
        (400, "Bad Request: group chat was deactivated", Failure.DEAD),
        (400, "Bad Request: message is too long", Failure.CONTENT),
        (401, "Unauthorized", Failure.RIGHTS),
        (404, "Not Found", Failure.RIGHTS),
        (409, "Conflict", Failure.LATER),
        (500, "Internal Server Error", None),
    ],
)
def test_refusals_by_their_body(code: int, description: str, failure: Failure | None) -> None:
    assert failure_of("telegram", {"ok": False, "error_code": code, "description": description}) is failure


def test_too_many_requests_say_how_long_to_wait() -> None:
    document = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 31}}
    held = Refused(Failure.LATER, "429", "Too Many Requests", 31.0, scope=None)
    assert TELEGRAM.outcome(reply_of(document, 429)) == held


def test_a_group_that_became_a_supergroup_has_a_new_address_gatus_179() -> None:
    document = {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -1001234567890},
    }
    outcome = TELEGRAM.outcome(reply_of(document, 400))
    assert isinstance(outcome, Refused)
    assert (outcome.failure, outcome.moved_to) == (Failure.LATER, "-1001234567890")


@pytest.mark.parametrize("body", [b"<html>502</html>", b"", b"[]", b'{"ok":', b"[" * 100_000])
def test_a_reply_that_cannot_be_read_is_unknown(body: bytes) -> None:
    assert isinstance(TELEGRAM.outcome(Reply(502, {}, body)), Unreadable)


def test_a_press_names_person_and_message() -> None:
    query = {"id": "9", "from": {"id": 5}, "data": "confirm:1", "message": {"message_id": 7, "chat": {"id": -100}}}
    assert told({"update_id": 1, "callback_query": query}) == [
        Pressed("-100:7", "confirm:1", "5", NOW, "callback_query 9")
    ]


def test_words_and_memberships_are_events() -> None:
    message = {"chat": {"id": 3}, "from": {"id": 5}, "text": "help", "date": TS}
    assert told({"update_id": 2, "message": message}) == [Written("3", "5", "help", NOW, "update 2")]
    for status, kind in (("kicked", Blocked), ("left", Blocked), ("member", Unblocked)):
        change = {"chat": {"id": 3}, "date": TS, "new_chat_member": {"status": status}}
        assert told({"update_id": 3, "my_chat_member": change}) == [kind("3", NOW)]


@pytest.mark.parametrize("secret", ["", "Secret", "secret ", "sécret"])
def test_another_secret_is_forged(secret: str) -> None:
    with pytest.raises(Forged):
        told({"update_id": 1}, secret)


def test_a_robot_without_a_secret_takes_no_callback() -> None:
    callback = callback_of({"update_id": 1}, x_telegram_bot_api_secret_token="")
    with pytest.raises(Forged):
        TELEGRAM.events(robot_of("telegram"), callback, NOW)


@pytest.mark.parametrize(
    "update", [{}, {"message": []}, {"callback_query": {"from": 1, "data": {}}}, {"message": {"chat": []}}]
)
def test_an_update_of_another_form_is_no_event(update: object) -> None:
    assert told(update) == []


def test_a_pressed_button_is_answered_by_a_method() -> None:
    reply = TELEGRAM.answer(ROBOT, callback_of({"callback_query": {"id": "9"}}), "Confirmed 12:03")
    assert body_of(reply) == {"method": "answerCallbackQuery", "callback_query_id": "9", "text": "Confirmed 12:03"}


def test_a_chat_is_looked_at_silently() -> None:
    call = TELEGRAM.look(ROBOT, "3")
    assert call is not None
    assert call.url.endswith("/getChat")
    assert TELEGRAM.alive(reply_of({"ok": True, "result": {"id": 3}})) is True
    dead = {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    assert TELEGRAM.alive(reply_of(dead, 400)) is False
    banned = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    assert isinstance(TELEGRAM.alive(reply_of(banned, 429)), Refused)
