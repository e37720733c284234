"""WeCom's app, by developer.work.weixin.qq.com and the vectors of its encryption."""

import dataclasses

import pytest

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import (
    Accepted,
    Button,
    Callback,
    Card,
    Failure,
    Forged,
    Pressed,
    Refused,
    Token,
    Written,
)
from tests.support.channels import NONCE, NOW, TS, body_of, failure_of, reply_of, robot_of, sent
from tests.support.tencent import sealed, signature

WECOM = CHANNELS["wecom_app"]
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ROBOT = robot_of("wecom_app", bearer="T/1", corp_id="wwcorp", agent_id="7", callback_token="tok", encoding_aes_key=KEY)
ENVELOPE = "Q3stYC6hdFzMh9T8HCvyDAuKynFZx72zvSsMzinYKQ+iKy6NgufizaKz7xyMLITqQ5SKGSun3H5YoZPsd+BcMg=="
SIGNATURE = "c8983405f06e205a5a2edc9e000adcbb19b6f3a9"


def callback(envelope: str, signed: str, ts: int = TS, method: str = "POST") -> Callback:
    query = {"msg_signature": signed, "timestamp": str(ts), "nonce": NONCE}
    if method == "GET":
        return Callback("GET", query | {"echostr": envelope})
    body = f"<xml><ToUserName>wwcorp</ToUserName><Encrypt><![CDATA[{envelope}]]></Encrypt></xml>"
    return Callback("POST", query, {}, body.encode())


def told(xml: str, receiver: str = "wwcorp") -> list[object]:
    envelope = sealed(xml.encode(), KEY, receiver)
    return list(WECOM.events(ROBOT, callback(envelope, signature("tok", str(TS), NONCE, envelope)), NOW))


def test_the_vector_opens() -> None:
    assert WECOM.events(ROBOT, callback(ENVELOPE, SIGNATURE), NOW) == []
    assert signature("tok", str(TS), NONCE, ENVELOPE) == SIGNATURE
    check = callback(ENVELOPE, SIGNATURE, method="GET")
    assert WECOM.events(ROBOT, check, NOW) == []
    assert WECOM.answer(ROBOT, check).body == b"<xml><a>1</a></xml>"


@pytest.mark.parametrize(
    "forged",
    [
        callback(ENVELOPE, SIGNATURE[:-1] + "0"),
        callback(ENVELOPE[:-8] + "AAAAAA==", SIGNATURE),
        callback(ENVELOPE, SIGNATURE, TS + 1),
        callback(ENVELOPE, signature("tok", str(TS - 301), NONCE, ENVELOPE), TS - 301),
        callback("%%%", signature("tok", str(TS), NONCE, "%%%")),
        callback("QUJD", signature("tok", str(TS), NONCE, "QUJD")),
        callback("", signature("tok", str(TS), NONCE, "")),
        Callback("POST", {}, {}, b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml><Encrypt>&a;</Encrypt></xml>"),
        Callback("POST", {}, {}, b"\xff" * 100),
        Callback("GET", {}),
    ],
)
def test_a_changed_or_old_callback_is_forged(forged: Callback) -> None:
    with pytest.raises(Forged):
        WECOM.events(ROBOT, forged, NOW)


def test_an_envelope_for_another_company_is_forged() -> None:
    with pytest.raises(Forged):
        told("<xml><a>1</a></xml>", "wwother")


def test_a_robot_without_callback_secrets_takes_no_callback() -> None:
    bare = dataclasses.replace(ROBOT, secret={})
    with pytest.raises(Forged):
        WECOM.events(bare, callback(ENVELOPE, signature("", str(TS), NONCE, ENVELOPE)), NOW)


def test_a_press_and_words_are_events() -> None:
    common = f"<FromUserName><![CDATA[zhang]]></FromUserName><CreateTime>{TS}</CreateTime>"
    press = (
        "<MsgType>event</MsgType><Event>template_card_event</Event><EventKey>confirm:1</EventKey><TaskId>k1</TaskId>"
    )
    assert told(f"<xml>{common}{press}</xml>") == [
        Pressed(None, "confirm:1", "zhang", NOW, f"press zhang k1 confirm:1 {TS}")
    ]
    words = f"<xml>{common}<MsgType>text</MsgType><Content>help</Content><MsgId>9</MsgId></xml>"
    assert told(words) == [Written("zhang", "zhang", "help", NOW, "message 9")]


def test_a_short_order_is_a_card_and_a_long_one_a_text_with_its_link() -> None:
    card = Card("Order 12\n1 × tea", "https://c.example/o", buttons=(Button("y", "Confirm", "confirm:1"),))
    call = sent("wecom_app", card, chat="zhang", robot=ROBOT)
    body = body_of(call)
    assert call.url.endswith("/cgi-bin/message/send?access_token=T%2F1")
    assert (body["touser"], body["agentid"], body["enable_duplicate_check"]) == ("zhang", 7, 1)
    assert body["duplicate_check_interval"] == 1800
    content = body["template_card"]
    assert (content["main_title"]["title"], content["sub_title_text"]) == ("Order 12", "1 × tea")
    assert (content["task_id"], content["button_list"][0]["key"]) == ("k1", "confirm:1")
    long = body_of(sent("wecom_app", dataclasses.replace(card, text="1 × tea, no nuts\n" * 20), robot=ROBOT))
    assert long["text"]["content"].count("no nuts") == 20


def test_a_group_has_its_own_call() -> None:
    call = sent("wecom_app", Card("a"), chat="chat:g1", robot=ROBOT)
    assert "/cgi-bin/appchat/send?" in call.url
    assert body_of(call)["chatid"] == "g1"


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (45009, Failure.LATER),
        (60011, Failure.RIGHTS),
        (60020, Failure.RIGHTS),
        (48002, Failure.RIGHTS),
        (301002, Failure.RIGHTS),
        (60111, Failure.DEAD),
        (81013, Failure.DEAD),
        (82001, Failure.DEAD),
        (86001, Failure.DEAD),
        (86003, Failure.DEAD),
        (0, None),
    ],
)
def test_refusals_come_with_status_200(code: int, failure: Failure | None) -> None:
    assert failure_of("wecom_app", {"errcode": code, "errmsg": "m"}) is failure


@pytest.mark.parametrize("code", [40014, 42001])
def test_an_old_token_is_renewed(code: int) -> None:
    assert WECOM.outcome(reply_of({"errcode": code, "errmsg": "m"})) == Refused(
        Failure.LATER, str(code), "m", 0.0, renew_token=True
    )


def test_a_message_without_a_reader_is_refused_though_its_code_is_0() -> None:
    assert failure_of("wecom_app", {"errcode": 0, "errmsg": "ok", "invaliduser": "zhang"}) is Failure.DEAD
    assert WECOM.outcome(reply_of({"errcode": 0, "msgid": "m1"})) == Accepted("m1")


def test_tokens() -> None:
    call = WECOM.token(ROBOT)
    assert call is not None
    assert "/cgi-bin/gettoken?corpid=wwcorp" in call.url
    assert WECOM.token_outcome(reply_of({"errcode": 0, "access_token": "t", "expires_in": 7200})) == Token("t", 7200.0)
    outcome = WECOM.token_outcome(reply_of({"errcode": 40013, "errmsg": "invalid corpid"}))
    assert isinstance(outcome, Refused)
    assert outcome.failure is Failure.RIGHTS
