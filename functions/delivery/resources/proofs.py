"""/v1/deliveries/{delivery}/proofs: photos and signatures, uploaded to object storage and shown for a minute."""

import base64
import hashlib
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.delivery.creation.announcing import store_change
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.proof_file import MOST_BYTES, ProofFile, ProofKind, ProofState
from functions.delivery.proof.declaring import Declared, declare, with_expected
from functions.delivery.proof.finding import content_of, settle
from functions.delivery.resources.access import Caller, DeliveryPath, caller_of, unknown_delivery
from functions.delivery.states import Role
from functions.delivery.tables.actions import ActionRow, insert_action
from functions.delivery.tables.deliveries import lock_delivery, read_delivery
from functions.delivery.tables.proofs import read_proof
from shared.contracts.models import Input, Output
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply

# The action in the trace of a person who looks at a file.
LOOK = "look_at_proof"
UPLOAD_SECONDS, SHOWN_SECONDS = 900, 60


class ProofPath(DeliveryPath):
    """A file of a delivery."""

    kind: ProofKind


class ProofIn(Input):
    """A photo or signature. `size` is in bytes, `sha256` the hexadecimal hash: no other file is taken."""

    kind: ProofKind
    type: Literal["image/jpeg", "image/png", "image/webp"]
    size: Annotated[int, Field(ge=1, le=MOST_BYTES)]
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]

    def declared(self) -> Declared:
        """The facts of the file."""
        return Declared(self.kind, self.type, self.size, bytes.fromhex(self.sha256))


class NoFields(Input):
    """An empty object."""


class ProofUpload(Output):
    """PUT the file to `url` with these headers before `expires_at`."""

    url: str
    headers: dict[str, str]
    expires_at: datetime


class ProofDocument(Output):
    """A file of a delivery. `expected`: not uploaded yet. `proven`: it is there, and was checked. `upload` takes it."""

    kind: ProofKind
    state: ProofState
    upload: ProofUpload | None = None


class ProofLink(Output):
    """An address that shows the file, without a key, until `expires_at`."""

    url: str
    expires_at: datetime


def open_proof(call: Call, path: DeliveryPath, body: ProofIn) -> Reply:
    """Declare a file, and get the address for its upload. The delivery is over whether or not it has come."""
    now = call.env.clock()
    with call.once() as (work, stored):
        delivery = lock_delivery(work, path.delivery)
        if delivery is None:
            raise unknown_delivery(path.delivery)
        require_author(caller_of(call, work, delivery), delivery, body.kind)
        file = declare(work, delivery, body.declared(), now)
        after = with_expected(delivery, file)
        if after != delivery:
            store_change(work, after, ["proof"], now, now, reason=file.kind.value)
        upload = None if file.state == ProofState.PROVEN else _upload(call, file, now)
        stored.status, stored.secret_until = HTTPStatus.CREATED, now + timedelta(seconds=UPLOAD_SECONDS)
        stored.reply = ProofDocument(kind=file.kind, state=file.state, upload=upload).model_dump_json()
    return Reply(stored.reply, stored.status)


def settle_proof(call: Call, path: ProofPath, body: NoFields) -> Reply:
    """Say that the file was uploaded. It is read and checked at once."""
    del body
    with call.env.db.transaction() as transaction:
        delivery, seen = _known(call, transaction, path)
        require_author(caller_of(call, transaction, delivery), delivery, path.kind)
    content = content_of(call.env, seen) if seen.state == ProofState.EXPECTED else None
    with call.once() as (work, stored):
        settled = settle(work, seen, content, call.env.clock())
        if settled is None:
            raise _unknown_proof(path)
        stored.reply = ProofDocument(kind=settled.kind, state=settled.state).model_dump_json()
    return Reply(stored.reply)


def link_proof(call: Call, path: ProofPath, body: NoFields) -> Reply:
    """Get an address that shows the file for a minute. The trace of the delivery says who asked."""
    del body
    now = call.env.clock()
    expires_at = now + timedelta(seconds=SHOWN_SECONDS)
    with call.once() as (work, stored):
        delivery, file = _known(call, work, path)
        _require_viewer(caller_of(call, work, delivery), delivery, path.kind)
        if file.state != ProofState.PROVEN:
            raise NotFound("proof_not_there", f"the file is {file.state}")
        insert_action(work, look_of(call.client.id, delivery, file, now))
        url = call.env.aws.download_address(call.env.settings.proofs_bucket, file.key, SHOWN_SECONDS)
        stored.status, stored.secret_until = HTTPStatus.CREATED, expires_at
        stored.reply = ProofLink(url=url, expires_at=expires_at).model_dump_json()
    return Reply(stored.reply, stored.status)


def require_author(caller: Caller, delivery: Delivery, kind: ProofKind) -> None:
    """Raises `Rejected` (403): a packer shows the goods, the delivery's own courier the door; the desk both."""
    is_courier = caller.is_courier_of(delivery) and Role.COURIER in caller.roles
    may = Role.PACKER in caller.roles if kind == ProofKind.PACKED else is_courier
    if not may and Role.DESK not in caller.roles:
        raise Rejected("not_your_proof", f"it is not for you: {kind}", status=HTTPStatus.FORBIDDEN)


def _require_viewer(caller: Caller, delivery: Delivery, kind: ProofKind) -> None:
    """The desk and readers see all files. Others see what they may show, and its courier the packed goods."""
    is_courier_at_work = caller.is_courier_of(delivery) and delivery.is_open and kind == ProofKind.PACKED
    if not caller.may_read and not is_courier_at_work:
        require_author(caller, delivery, kind)


def _known(call: Call, transaction: Transaction, path: ProofPath) -> tuple[Delivery, ProofFile]:
    delivery = read_delivery(transaction, path.delivery)
    if delivery is None:
        raise unknown_delivery(path.delivery)
    caller_of(call, transaction, delivery)
    file = read_proof(transaction, delivery.id, path.kind)
    if file is None:
        raise _unknown_proof(path)
    return delivery, file


def _unknown_proof(path: ProofPath) -> NotFound:
    return NotFound("unknown_proof", f"the delivery has no file: {path.kind}")


def _upload(call: Call, file: ProofFile, now: datetime) -> ProofUpload:
    """An address that takes this file alone: its size, type and hash are signed."""
    headers = {
        "content-type": file.media_type,
        "x-amz-checksum-sha256": base64.b64encode(file.hash).decode(),
    }
    url = call.env.aws.upload_address(call.env.settings.proofs_bucket, file.key, file.size, UPLOAD_SECONDS, headers)
    return ProofUpload(url=url, headers=headers, expires_at=now + timedelta(seconds=UPLOAD_SECONDS))


def look_of(viewer: str, delivery: Delivery, file: ProofFile, now: datetime) -> ActionRow:
    """One row of the trace an hour for each viewer. No device can send this id, as it has a slash."""
    name = f"{file.kind} {viewer} {now:%Y%m%d%H}"
    return ActionRow(
        delivery=delivery.id,
        id=f"look/{hashlib.sha256(name.encode()).hexdigest()[:32]}",
        action=LOOK,
        actor=viewer,
        expected=None,
        found=delivery.carriage,
        became=None,
        refusal=None,
        detail=file.kind.value,
        happened_at=now,
        received_at=now,
    )
