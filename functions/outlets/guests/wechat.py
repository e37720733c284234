"""WeChat's official accounts and mini-programs: developers.weixin.qq.com/doc/offiaccount, /miniprogram."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from functions.outlets.channels.base import base_url_setting
from functions.outlets.channels.contract import (
    Accepted,
    Callback,
    Failure,
    Forged,
    Outcome,
    Refused,
    Robot,
    Setting,
    Token,
    Unreadable,
)
from functions.outlets.channels.envelopes import opened_tencent, tencent_signature, xml_fields, xml_objects
from functions.outlets.channels.genuine import check_equal, check_fresh, check_size, moment
from functions.outlets.channels.replies import group, json_call, json_object, objects_at, text_at, value_at
from functions.outlets.channels.wecom_app import wecom_token
from functions.outlets.channels.wecom_robot import wecom_outcome
from functions.outlets.guests.consents import PushResult
from functions.outlets.guests.contract import Consented, Followed, GuestEvent, Push, PushSettled
from functions.outlets.guests.values import template_data
from shared.kit.outside.exchange import Call, Reply

BASE_URL = "https://api.weixin.qq.com"
STALE_TOKENS = frozenset({"40001", "40014", "41001", "42001"})
NO_RIGHT = "43101"
CODES = (
    group(Failure.LATER, -1, 45009, 45011, *STALE_TOKENS)
    | group(Failure.RIGHTS, 48001, 40013, 40125, 40164, 40243, 89503, 50002)
    | group(Failure.DEAD, NO_RIGHT, 40003, 43004, 45015, 45047)
    | group(Failure.CONTENT, 47003, 40037, 41030, 45002, 47001)
)
SETTINGS = (
    base_url_setting(BASE_URL),
    Setting("app_id", secret=False, help="The AppID, wx…."),
    Setting("app_secret", secret=True, help="The AppSecret."),
    Setting("callback_token", secret=True, help="The Token of the message push."),
    Setting("encoding_aes_key", secret=True, help="The EncodingAESKey of the message push, 43 characters."),
)


def token_call(robot: Robot) -> Call:
    """stable_token: a fetch returns the living token. The older address would end the token of all others."""
    fields = {
        "grant_type": "client_credential",
        "appid": robot.settings.get("app_id", ""),
        "secret": robot.secret.get("app_secret", ""),
        "force_refresh": False,
    }
    return json_call("POST", f"{_base(robot)}/cgi-bin/stable_token", fields)


def token_outcome(reply: Reply) -> Token | Refused | Unreadable:
    """`access_token` and `expires_in`."""
    return wecom_token(reply, CODES)


def subscription_call(robot: Robot, push: Push) -> Call:
    """A subscription message of a mini-program; it uses up one accept. Raises ValueError for an empty value."""
    message = {"touser": push.openid, "template_id": push.template, "data": template_data(push.values)}
    return _post(robot, "message/subscribe/send", message | ({"page": push.page} if push.page else {}))


def template_call(robot: Robot, push: Push) -> Call:
    """A template message of an official account to a follower; the service drops a second one with the same id."""
    message = {
        "touser": push.openid,
        "template_id": push.template,
        "data": template_data(push.values),
        "client_msg_id": push.push[:32],
    }
    return _post(robot, "message/template/send", message | ({"url": push.page} if push.page else {}))


def push_outcome(reply: Reply) -> Outcome:
    """The outcome of a message by `errcode`."""
    outcome = wecom_outcome(reply, CODES)
    if isinstance(outcome, Refused):
        is_stale = outcome.code in STALE_TOKENS
        return replace(outcome, renew_token=is_stale, wait_seconds=0.0 if is_stale else outcome.wait_seconds)
    return outcome


def right_after(outcome: Outcome, *, mass: bool) -> PushResult:
    """The result for the right that a push took.

    43101 says that there is no right. To many guests at once it is also the service's throttle: the right stays taken.
    """
    if isinstance(outcome, Accepted):
        return PushResult.SHOWN
    if isinstance(outcome, Unreadable):
        return PushResult.UNKNOWN
    if outcome.code == NO_RIGHT:
        return PushResult.UNKNOWN if mass else PushResult.NO_RIGHT
    return PushResult.NOT_SHOWN


def guest_events(robot: Robot, callback: Callback, now: datetime) -> list[GuestEvent]:
    """The events of a signed callback, in XML or JSON. Raises `Forged`."""
    check_size(callback)
    if callback.method == "GET":
        _check_address(robot, callback)
        return []
    encrypted = xml_fields(callback.body).get("Encrypt") or text_at(json_object(callback.body), "Encrypt")
    if not encrypted:
        raise Forged("the callback holds no envelope")
    token, aes_key = (robot.secret.get(name, "") for name in ("callback_token", "encoding_aes_key"))
    plain = opened_tencent(token, aes_key, robot.settings.get("app_id", ""), callback.query, encrypted)
    check_fresh(callback.query.get("timestamp"), now)
    return _events(json_object(plain) or xml_objects(plain), now)


def answer(robot: Robot, callback: Callback) -> Reply:
    """The echo of the set-up check, or `success` within five seconds: else the service sends the event again."""
    if callback.method != "GET":
        return Reply(HTTPStatus.OK, {"content-type": "text/plain; charset=utf-8"}, b"success")
    _check_address(robot, callback)
    echo = callback.query.get("echostr", "").encode()
    return Reply(HTTPStatus.OK, {"content-type": "text/plain; charset=utf-8"}, echo)


def _check_address(robot: Robot, callback: Callback) -> None:
    token = robot.secret.get("callback_token", "")
    values = (callback.query.get("timestamp", ""), callback.query.get("nonce", ""))
    check_equal(tencent_signature(token, *values, "") if token else "", callback.query.get("signature"))


def _events(document: Mapping[str, Any], now: datetime) -> list[GuestEvent]:
    kind, person = text_at(document, "Event"), text_at(document, "FromUserName")
    created = text_at(document, "CreateTime")
    at = moment(created, now)
    if kind in {"subscribe_msg_popup_event", "subscribe_msg_change_event"}:
        return _consents(document, person, created, at)
    if kind == "subscribe_msg_sent_event":
        return [_sent(entry, person, at) for entry in _entries(document, "SubscribeMsgSentEvent")]
    if kind == "TEMPLATESENDJOBFINISH":
        return [_finished(document, person, at)]
    return [Followed(person, kind == "subscribe", at)] if kind in {"subscribe", "unsubscribe"} else []


def _entries(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The entries of an event: `List` is an object for one, an array for more; in JSON also without its parent."""
    entries = value_at(document, name, "List") or value_at(document, "List") or value_at(document, name)
    return objects_at({"List": entries if isinstance(entries, list) else [entries]}, "List")


def _consents(document: Mapping[str, Any], person: str, created: str, at: datetime) -> list[GuestEvent]:
    is_popup = text_at(document, "Event") == "subscribe_msg_popup_event"
    entries = _entries(document, "SubscribeMsgPopupEvent" if is_popup else "SubscribeMsgChangeEvent")
    events: list[GuestEvent] = []
    for entry in entries:
        template, status = text_at(entry, "TemplateId"), text_at(entry, "SubscribeStatusString")
        # A "reject" in the pop-up gives no right and takes none. In the settings it takes all of them.
        if template and (status == "accept" or (status == "reject" and not is_popup)):
            events.append(Consented(person, template, status == "accept", at, f"{person} {created} {template}"))
    return events


def _sent(entry: Mapping[str, Any], person: str, at: datetime) -> GuestEvent:
    code = text_at(entry, "ErrorCode") or "0"
    result = PushResult.SHOWN if code == "0" else PushResult.NO_RIGHT if code == NO_RIGHT else PushResult.NOT_SHOWN
    return PushSettled(text_at(entry, "MsgID"), person, result, text_at(entry, "ErrorStatus") or code, at)


def _finished(document: Mapping[str, Any], person: str, at: datetime) -> GuestEvent:
    status = text_at(document, "Status")
    result = PushResult.SHOWN if status == "success" else PushResult.NOT_SHOWN
    return PushSettled(text_at(document, "MsgID"), person, result, status, at)


def _post(robot: Robot, path: str, document: dict[str, Any]) -> Call:
    token = quote(robot.token or "", safe="")
    return json_call("POST", f"{_base(robot)}/cgi-bin/{path}?access_token={token}", document)


def _base(robot: Robot) -> str:
    return (robot.settings.get("base_url") or BASE_URL).rstrip("/")
