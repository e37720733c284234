"""SES: mails to people of the chain."""

import base64
import json
from collections.abc import Sequence
from http import HTTPStatus

from shared.spine.aws.calls import SignedCalls, refused, service_address


class Ses(SignedCalls):
    """Sends mails."""

    def send_mail(self, sender: str, to: Sequence[str], message: bytes) -> str:
        """Send a MIME message. Returns SES's id of it.

        Raises `Unavailable` for a later try, `Misconfigured` where SES does not know the sender's address.
        """
        document = {
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": list(to)},
            "Content": {"Raw": {"Data": base64.b64encode(message).decode()}},
        }
        # The host is called email, the service of the signature ses.
        url = f"{service_address(self._settings, 'email')}/v2/email/outbound-emails"
        body = json.dumps(document).encode()
        answer = self._signed("POST", "ses", url, {"content-type": "application/json"}, body)
        if answer.status != HTTPStatus.OK:
            raise refused("ses", answer)
        message_id: str = json.loads(answer.body)["MessageId"]
        return message_id
