"""SMS by a provider of Twilio's form: twilio.com/docs/messaging/api/message-resource."""

from datetime import datetime

from functions.outlets.channels.contract import (
    Callback,
    Card,
    Delivered,
    Event,
    Failed,
    Length,
    Read,
    Robot,
    Scope,
    Unit,
    Window,
    Written,
)
from functions.outlets.channels.replies import refused
from functions.outlets.channels.text import card_text
from functions.outlets.channels.twilio_form import CODES, TwilioForm, genuine_fields
from shared.kit.outside.exchange import Call


class Sms(TwilioForm):
    """A text with a link: a text message has no buttons."""

    name = "sms"
    windows = (Window(1, 1, Scope.ROBOT),)
    # A part has 70 characters of Chinese. Six parts are the cost of a long order.
    longest = Length(402, Unit.UTF16)

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A message to the number in `chat`."""
        del key, now
        fields = {"To": chat, "Body": card_text(card, self.longest)}
        address = robot.settings.get("callback_url", "")
        return self.form_call(robot, "Messages", fields | ({"StatusCallback": address} if address else {}))

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """A status of a message, or a message of a person."""
        fields = genuine_fields(robot, callback)
        message_id, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
        if status in {"undelivered", "failed"}:
            code = fields.get("ErrorCode", "none")
            return [Failed(message_id, refused(CODES, code, f"the message is {status}"), now)]
        if status in {"delivered", "read"}:
            return [Delivered(message_id, now) if status == "delivered" else Read(message_id, now)]
        person, text = fields.get("From", ""), fields.get("Body", "")
        return [Written(person, person, text, now, message_id)] if person and text and not status else []
