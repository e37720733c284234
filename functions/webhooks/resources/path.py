"""The path of an endpoint."""

from shared.contracts.ids import Ulid
from shared.contracts.models import Query


class WebhookPath(Query):
    """The id of an endpoint."""

    webhook: Ulid
