"""POST /v1/tracks/{link}/photo: the goods at the door, as the courier photographed them, for the customer."""

from datetime import timedelta
from http import HTTPStatus

from functions.delivery.life.proof_file import ProofKind, ProofState
from functions.delivery.proof.finding import content_of
from functions.delivery.proof.metadata import has_metadata
from functions.delivery.resources.customer import LinkPath, delivery_of_link
from functions.delivery.resources.proofs import SHOWN_SECONDS, NoFields, ProofLink, look_of
from functions.delivery.states import Carriage
from functions.delivery.tables.actions import insert_action
from functions.delivery.tables.proofs import read_proof
from shared.spine.env import Environment
from shared.spine.errors import NotFound
from shared.spine.http import Reply


def post_customer_photo(env: Environment, path: LinkPath, body: NoFields) -> Reply:
    """Get an address that shows the photo of the door for a minute. The trace of the delivery says that it was asked.

    A photo that still has its place or device in it is not for a customer.
    """
    del body
    now = env.clock()
    with env.db.transaction() as transaction:
        delivery = delivery_of_link(env, transaction, path)
        file = read_proof(transaction, delivery.id, ProofKind.PHOTO)
    if delivery.carriage != Carriage.DELIVERED or file is None or file.state != ProofState.PROVEN:
        raise _no_photo()
    content = content_of(env, file)
    if content is None or len(content) != file.size or has_metadata(content):
        raise _no_photo()
    with env.db.transaction() as transaction:
        insert_action(transaction, look_of("customer", delivery, file, now))
    url = env.aws.download_address(env.settings.proofs_bucket, file.key, SHOWN_SECONDS)
    shown = ProofLink(url=url, expires_at=now + timedelta(seconds=SHOWN_SECONDS))
    return Reply(shown, HTTPStatus.CREATED, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def _no_photo() -> NotFound:
    return NotFound("no_photo", "there is no photo of the door")
