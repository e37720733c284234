"""For whom a delivery is: recipient, payer, gift and wishes, and who sees which of them."""

import json
from typing import Literal

from pydantic import Field, ValidationError

from shared.contracts.models import Input
from shared.contracts.text import Address, Name, Note, Phone

Vehicle = Literal["foot", "bicycle", "scooter", "car"]


class Recipient(Input):
    """The person at the door. `lat` and `lon` are degrees of WGS-84."""

    name: Name | None = None
    phone: Phone | None = None
    address: Address | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)


class Payer(Input):
    """The person who ordered and paid."""

    name: Name | None = None
    phone: Phone | None = None


class Details(Input):
    """Of a `gift` the recipient sees neither sender nor price.

    A `surprise` is not announced to the recipient. Until it is delivered, its customer's page is closed, and its
    courier sees neither lines nor the recipient's phone number. `card` is the text on the card. `wishes` are for the
    courier, such as a gate to use. `vehicles` are those that can carry it; empty means any.
    With `may_leave` the goods may be left with a neighbour, at a reception or at the door, without the customer's PIN.
    """

    recipient: Recipient = Recipient()
    payer: Payer = Payer()
    gift: bool = False
    surprise: bool = False
    card: Note | None = None
    wishes: Note | None = None
    vehicles: list[Vehicle] = Field(default=[], max_length=4)
    may_leave: bool = False

    def for_packer(self) -> "Details":
        """Without the payer and the recipient's phone. A packer makes no calls."""
        return self.model_copy(
            update={"payer": Payer(), "recipient": self.recipient.model_copy(update={"phone": None})}
        )

    def for_courier(self, *, underway: bool) -> "Details":
        """Without the payer and the card. The phone number is shown from the acceptance on."""
        hidden = {"payer": Payer(), "card": None}
        if underway:
            return self.model_copy(update=hidden)
        return self.model_copy(update=hidden | {"recipient": self.recipient.model_copy(update={"phone": None})})


def details_of(text: str) -> Details:
    """Stored details. Those of a platform's order may hold what the API refuses, such as a number with an extension."""
    try:
        return Details.model_validate_json(text)
    except ValidationError:
        values = json.loads(text)
        parts = {
            "recipient": Recipient.model_construct(**values.get("recipient", {})),
            "payer": Payer.model_construct(**values.get("payer", {})),
        }
        return Details.model_construct(**values | parts)
