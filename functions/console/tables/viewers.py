"""SQL of the rights of a viewer: an API client, or a person with a session that has not ended."""

import json

from functions.console.tables.live import Viewer
from shared.spine.db import Transaction
from shared.spine.rights import Grant

SELECT_GRANTS = "SELECT grants FROM api_clients WHERE id = %(client)s AND revoked_at IS NULL"


def read_grants(transaction: Transaction, viewer: Viewer) -> list[Grant] | None:
    """The grants of the viewer. None after its session has ended, or its key was revoked."""
    row = transaction.row(SELECT_GRANTS, {"client": viewer.client})
    return [Grant.parse(text) for text in json.loads(row["grants"])] if row else None
