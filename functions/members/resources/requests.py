"""Fields and rights that the requests of several resources share."""

from typing import Annotated

from pydantic import StringConstraints

from shared.contracts.models import Query
from shared.contracts.text import Id
from shared.spine.http import Call
from shared.spine.rights import Scope

TagName = Annotated[str, StringConstraints(pattern="^[a-z][a-z_]{0,23}$")]
Identity = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9+._-]{3,64}$")]
Where = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class ChainQuery(Query):
    """A chain."""

    chain: Id


def require(call: Call, right: str, chain: str) -> None:
    """Raises `Rejected` if the client lacks the right over the chain."""
    call.client.require(right, Scope(chain, "", ""))


def may(call: Call, right: str, chain: str) -> bool:
    """Whether the client has the right over the chain."""
    return call.client.may(right, Scope(chain, "", ""))


def shown_id(call: Call, chain: str, member: str | None, own_id: str) -> str | None:
    """The chain's own id of a member, or our id for a person without `personal:read`: it has no meaning outside."""
    return member if member is None or call.client.sees_personal(Scope(chain)) else own_id
