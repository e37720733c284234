"""Calls by a provider of Twilio's form: twilio.com/docs/voice/api/call-resource."""

from datetime import datetime
from http import HTTPStatus
from xml.sax.saxutils import escape, quoteattr

from functions.outlets.channels.contract import (
    Callback,
    Card,
    Event,
    Failed,
    Failure,
    Length,
    Pressed,
    Refused,
    Robot,
    Scope,
    Unit,
    Window,
)
from functions.outlets.channels.text import body_text, clean
from functions.outlets.channels.twilio_form import TwilioForm, genuine_fields
from shared.kit.outside.exchange import Call, Reply

MOST_BUTTONS = 9
RING_SECONDS = 30
_LANGUAGES = {"zh": "cmn-CN", "es": "es-ES", "de": "de-DE", "en": "en-GB"}
_PRESS = {"zh": "按 {} {}。", "es": "Pulse {} para {}.", "de": "Drücken Sie {} für {}.", "en": "Press {} for {}."}
_UNREACHED = frozenset({"busy", "no-answer", "failed", "canceled"})


class Voice(TwilioForm):
    """A call that reads the text. A pressed digit alone confirms: a voicemail "completes" a call too."""

    name = "voice"
    windows = (Window(1, 1, Scope.ROBOT),)
    # About a minute of speech.
    longest = Length(600, Unit.CHARACTERS)
    shows_tapper = True

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A call to the number in `chat`. Links are not read out."""
        del key, now
        address = robot.settings.get("callback_url", "")
        fields = {"To": chat, "Twiml": _script(card, address, self.longest), "Timeout": str(RING_SECONDS)}
        return self.form_call(robot, "Calls", fields | ({"StatusCallback": address} if address else {}))

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """A pressed digit, or the end of a call that reached no person."""
        fields = genuine_fields(robot, callback)
        call_id, digit, status = (fields.get(name, "") for name in ("CallSid", "Digits", "CallStatus"))
        if digit in set("123456789"):
            return [Pressed(call_id, f"#{digit}", fields.get("To", ""), now, f"press {call_id} {digit}")]
        if status in _UNREACHED:
            return [Failed(call_id, Refused(Failure.LATER, status, "no person took the call"), now)]
        return []

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """The text is read out, then the call ends."""
        del robot, callback
        script = f"<Response>{f'<Say>{escape(clean(text))}</Say>' if text else ''}<Hangup/></Response>"
        return Reply(HTTPStatus.OK, {"content-type": "text/xml; charset=utf-8"}, script.encode())


def _script(card: Card, address: str, longest: Length) -> str:
    language = card.language[:2].lower()
    spoken = quoteattr(_LANGUAGES.get(language, _LANGUAGES["en"]))
    press = _PRESS.get(language, _PRESS["en"])
    lines = [body_text(card, longest)]
    lines += [press.format(digit, clean(button.title)) for digit, button in enumerate(card.buttons[:MOST_BUTTONS], 1)]
    speech = f"<Say language={spoken}>{escape(' '.join(lines))}</Say>"
    if not card.buttons or not address:
        return f"<Response>{speech}</Response>"
    gather = f'<Gather numDigits="1" timeout="10" method="POST" action={quoteattr(address)}>{speech}</Gather>'
    return f"<Response>{gather}{gather}</Response>"
