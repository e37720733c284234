"""POST /v1/live/tickets: a page gets a ticket for its WebSocket connection."""

import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from functions.console.tables.live import Viewer, insert_ticket
from shared.contracts.models import Output
from shared.spine.http import Call, Reply

GOOD_FOR = timedelta(seconds=30)


class LiveTicket(Output):
    """A ticket that opens one connection, until `expires_at`. `url` is the whole address for `new WebSocket`."""

    ticket: str
    url: Annotated[str, Field(examples=["wss://abc123.execute-api.eu-central-1.amazonaws.com/prod?ticket=q3…"])]
    expires_at: datetime


def make_ticket(call: Call) -> Reply:
    """A ticket for one WebSocket connection. The connection has the rights of the caller, and ends with the session."""
    now, person = call.env.clock(), call.client.person
    with call.once() as (work, stored):
        ticket, expires_at = secrets.token_urlsafe(32), now + GOOD_FOR
        insert_ticket(work, ticket, Viewer(call.client.id, person.session if person else None), expires_at, now)
        stored.status, stored.secret_until = HTTPStatus.CREATED, expires_at
        url = f"{call.env.settings.websocket_url}?ticket={ticket}"
        stored.reply = LiveTicket(ticket=ticket, url=url, expires_at=expires_at).model_dump_json()
    return Reply(stored.reply, stored.status)
