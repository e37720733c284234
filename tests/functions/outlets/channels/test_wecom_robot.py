"""WeCom's group robot, by developer.work.weixin.qq.com/document/path/91770 and public reports."""

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Accepted, Card, Failure, Forged, Refused
from tests.support.channels import NOW, body_of, callback_of, failure_of, reply_of, robot_of, sent

WECOM = CHANNELS["wecom_robot"]


def test_a_text_has_at_most_2048_bytes_and_its_link() -> None:
    card = Card("1 × 牛肉面 " * 300, "https://c.example/o/1")
    body = body_of(sent("wecom_robot", card, robot=robot_of("wecom_robot", key="k-1")))
    assert body["msgtype"] == "text"
    assert 2040 < len(body["text"]["content"].encode()) <= 2048
    assert body["text"]["content"].endswith("\nhttps://c.example/o/1")


@pytest.mark.parametrize(
    "key", ["k-1", " k-1\n", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k-1"]
)  # public report: watchvuln 146, an address where a key is wanted
def test_a_pasted_address_is_a_key_too_watchvuln_146(key: str) -> None:
    call = sent("wecom_robot", Card("a"), robot=robot_of("wecom_robot", key=key))
    assert call.url == "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k-1"


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (0, None),
        (-1, Failure.LATER),
        (45009, Failure.LATER),
        (45033, Failure.LATER),
        (93000, Failure.DEAD),
        (40058, Failure.CONTENT),
        (44004, Failure.CONTENT),
        (45002, Failure.CONTENT),
        (45008, Failure.CONTENT),
    ],
)
def test_refusals_come_with_status_200_nightingale_1437(code: int, failure: Failure | None) -> None:
    assert failure_of("wecom_robot", {"errcode": code, "errmsg": "m"}) is failure


def test_a_robot_over_its_limit_waits_a_minute() -> None:
    outcome = WECOM.outcome(reply_of({"errcode": 45009, "errmsg": "api freq out of limit"}))
    assert outcome == Refused(Failure.LATER, "45009", "api freq out of limit", 60.0)


def test_an_accepted_message_has_no_id() -> None:
    assert WECOM.outcome(reply_of({"errcode": 0, "errmsg": "ok"})) == Accepted(None)


def test_no_callback_is_genuine() -> None:
    with pytest.raises(Forged):
        WECOM.events(robot_of("wecom_robot"), callback_of({}), NOW)
