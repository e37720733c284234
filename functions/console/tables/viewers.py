"""SQL of the rights of a viewer: an API client, or a person with a session that has not ended."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from functions.console.tables.live import Viewer
from shared.spine.db import Row, Transaction
from shared.spine.rights import Grant
from shared.spine.roles import grants_of
from shared.spine.sessions import IDLE

SELECT_GRANTS = "SELECT grants FROM api_clients WHERE id = %(client)s AND revoked_at IS NULL"
SELECT_ROLES = """
    SELECT s.used_at, s.expires_at, r.chain_id, r.role, r.level, r.scope_id
    FROM sessions s JOIN person_roles r ON r.person_id = s.person_id WHERE s.id = %(session)s"""


def read_grants(transaction: Transaction, viewer: Viewer, now: datetime) -> Sequence[Grant] | None:
    """The grants of the viewer. None after its session has ended, or its key was revoked."""
    if viewer.session is not None:
        return _grants_of_person(transaction.rows(SELECT_ROLES, {"session": viewer.session}), now)
    row = transaction.row(SELECT_GRANTS, {"client": viewer.client})
    return [Grant.parse(text) for text in json.loads(row["grants"])] if row else None


def _grants_of_person(rows: Sequence[Row], now: datetime) -> Sequence[Grant] | None:
    """From a row for each role of the person."""
    if not rows or rows[0]["expires_at"].replace(tzinfo=UTC) <= now:
        return None
    if now - rows[0]["used_at"].replace(tzinfo=UTC) >= IDLE:
        return None
    roles = [(row["role"], row["level"], row["chain_id"], row["scope_id"]) for row in rows if row["role"] is not None]
    return [grant for role in roles for grant in grants_of(*role)]
