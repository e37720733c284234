"""DingTalk's robot, by open.dingtalk.com."""

from urllib.parse import parse_qs, urlsplit

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Accepted, Card, Failure, Refused
from shared.kit.outside.exchange import Reply
from tests.support.channels import SECRET, body_of, failure_of, reply_of, robot_of, sent

DINGTALK = CHANNELS["dingtalk"]


def test_the_vector() -> None:
    call = sent("dingtalk", Card("tea"), robot=robot_of("dingtalk", access_token="a b", secret=SECRET))
    assert call.url == (
        "https://oapi.dingtalk.com/robot/send?access_token=a+b"
        "&timestamp=1795264205000&sign=wql%2FB89CvWkSwgBHTqIXKvUTyKA84PaK4IUir4MZmQA%3D"
    )
    assert body_of(call) == {"msgtype": "text", "text": {"content": "tea"}}


def test_a_pasted_address_is_a_token_too() -> None:
    address = "https://oapi.dingtalk.com/robot/send?access_token=abc"
    call = sent("dingtalk", Card("tea"), robot=robot_of("dingtalk", access_token=address))
    assert parse_qs(urlsplit(call.url).query) == {"access_token": ["abc"]}


def test_a_ban_is_ten_minutes_in_both_of_its_forms() -> None:
    banned = DINGTALK.outcome(reply_of({"errcode": 130101, "errmsg": "send too fast"}))
    redirected = DINGTALK.outcome(Reply(302, {"location": "https://page.dingtalk.com"}, b"<html>"))
    for outcome in (banned, redirected):
        assert isinstance(outcome, Refused)
        assert (outcome.failure, outcome.wait_seconds) == (Failure.LATER, 600.0)


@pytest.mark.parametrize(
    ("code", "message", "failure"),
    [
        (310000, "sign not match", Failure.RIGHTS),
        (400, "group.disbanded", Failure.DEAD),
        (400, "bot.stopped", Failure.DEAD),
        ("bot.stopped", "m", Failure.DEAD),
        (400013, "m", Failure.DEAD),
        (430102, "m", Failure.CONTENT),
        (-1, "busy", Failure.LATER),
    ],
)
def test_refusals_come_with_status_200(code: object, message: str, failure: Failure) -> None:
    assert failure_of("dingtalk", {"errcode": code, "errmsg": message}) is failure
    assert DINGTALK.outcome(reply_of({"errcode": 0, "errmsg": "ok"})) == Accepted()
