"""SMS and calls share an account, errors and signed callbacks: Twilio's form, which other providers offer too."""

import base64
import hashlib
import hmac
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlencode

from functions.outlets.channels.base import BaseChannel, base_url_setting
from functions.outlets.channels.contract import Accepted, Callback, Failure, Forged, Outcome, Robot, Setting, Unreadable
from functions.outlets.channels.genuine import check_equal, check_size
from functions.outlets.channels.replies import SERVER_ERRORS, group, json_object, parsed, refused, text_at, wait_of
from shared.kit.outside.exchange import Call, Reply

MOST_FIELDS = 200
CODES = (
    group(Failure.LATER, 20429, 30001, 30003, 30008, 14107, 20500, 20503)
    | group(Failure.DEAD, 21211, 21214, 21217, 21610, 21614, 30004, 30005, 30006)
    | group(Failure.CONTENT, 30007, 21602, 21605, 21617)
    | group(Failure.RIGHTS, 20003, 20005, 20404, 21212, 21408, 21606, 21608, 30002, 30034, 63038)
)


class TwilioForm(BaseChannel):
    """A provider with accounts, forms as requests and JSON as replies."""

    base_url = "https://api.twilio.com"
    receipts = True
    settings = (
        base_url_setting(base_url),
        Setting("account", secret=False, help="The account SID, AC…."),
        Setting("from", secret=False, help="The sender's number, as +49…."),
        Setting("callback_url", secret=False, help="The public address of this robot's callbacks.", default=""),
        Setting("token", secret=True, help="The auth token: it signs callbacks too."),
    )

    def form_call(self, robot: Robot, resource: str, fields: dict[str, str]) -> Call:
        """A POST of a form, with the account's name and token."""
        account, token = robot.settings.get("account", ""), robot.secret.get("token", "")
        credentials = base64.b64encode(f"{account}:{token}".encode()).decode()
        headers = {"content-type": "application/x-www-form-urlencoded", "authorization": f"Basic {credentials}"}
        body = urlencode({"From": robot.settings.get("from", ""), **fields}).encode()
        return Call("POST", f"{self._account(robot)}/{resource}.json", headers, body)

    def outcome(self, reply: Reply) -> Outcome:
        """By `sid` and `code` of the body."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        sid, code = text_at(document, "sid"), text_at(document, "code")
        if sid and reply.status < HTTPStatus.BAD_REQUEST:
            return Accepted(sid)
        if not code or (reply.status >= SERVER_ERRORS and code not in CODES):
            return Unreadable(f"status {reply.status}")
        return refused(CODES, code, document.get("message", ""), wait_of(reply))

    def login(self, robot: Robot) -> Call | None:
        """The account."""
        headers = self.form_call(robot, "", {}).headers
        return Call("GET", f"{self._account(robot)}.json", headers)

    def login_outcome(self, reply: Reply) -> Outcome:
        """An account that is not active sends nothing."""
        outcome = self.outcome(reply)
        status = text_at(json_object(reply.body), "status")
        if isinstance(outcome, Accepted) and status in {"suspended", "closed"}:
            return refused({status: Failure.RIGHTS}, status, f"the account is {status}")
        return outcome

    def _account(self, robot: Robot) -> str:
        return f"{self.base(robot)}/2010-04-01/Accounts/{quote(robot.settings.get('account', ''), safe='')}"


def genuine_fields(robot: Robot, callback: Callback) -> dict[str, str]:
    """The fields of a signed callback. Raises `Forged`. The signature has no time: its ids are used once."""
    check_size(callback)
    try:
        pairs = parse_qsl(callback.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Forged("the body is no form") from None
    token = robot.secret.get("token", "")
    expected = twilio_signature(token, callback.url, pairs) if token else ""
    check_equal(expected, callback.headers.get("x-twilio-signature"))
    return dict(pairs)


def twilio_signature(token: str, url: str, pairs: list[tuple[str, str]]) -> str:
    """HMAC-SHA1 over the address and the sorted fields: twilio.com/docs/usage/webhooks/webhooks-security."""
    content = url + "".join(f"{name}{value}" for name, value in sorted(pairs))
    return base64.b64encode(hmac.digest(token.encode(), content.encode("utf-8", "replace"), hashlib.sha1)).decode()
