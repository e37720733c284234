"""The limits of a manager: whom it may change, and which roles it may give."""

from collections.abc import Collection, Sequence
from http import HTTPStatus

from functions.people.authority.giving import PEOPLE, Role, may_give_role
from functions.people.tables.people import Account, lock_heads, read_account, read_roles_of
from functions.people.tables.scopes import read_scopes
from shared.spine.auth import Client
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, Fault, NotFound, Rejected
from shared.spine.rights import Scope
from shared.spine.roles import LEVELS


def managed_person(client: Client, transaction: Transaction, person: str) -> tuple[Account, list[Role]]:
    """A person with the roles, locked, whom the caller may change.

    The caller must be able to give each of the roles: a password of a person gives all of them. Raises `NotFound`,
    and `Rejected` (403).
    """
    account = read_account(transaction, person, lock=True)
    if account is None or account.chain not in client.reach(PEOPLE).all_chains:
        raise NotFound("unknown_person", "there is no such person")
    roles = read_roles_of(transaction, [person])[person]
    if roles:
        _require_may_give(client, transaction, account.chain, roles)
    else:
        client.require(PEOPLE, Scope(account.chain))
    return account, roles


def require_roles(client: Client, transaction: Transaction, chain: str, roles: list[Role]) -> list[Role]:
    """The roles, when the caller may give each of them. Raises `Rejected` (403, 422)."""
    if not roles:
        client.require(PEOPLE, Scope(chain))
    faults = [fault for number, role in enumerate(roles) if (fault := _fault(number, chain, role))]
    if faults:
        raise Rejected("body_invalid", f"{len(faults)} fault(s) in the body; each is named", faults=tuple(faults))
    _require_may_give(client, transaction, chain, roles)
    return roles


def scopes_of_roles(transaction: Transaction, chain: str, roles: Sequence[Role]) -> dict[str, Scope]:
    """The scopes of the stores that these roles name."""
    return read_scopes(transaction, chain, {role.scope_id for role in roles if role.level == "store"})


def require_not_oneself(client: Client, account: Account) -> None:
    """Raises `Conflict` where a person would change the own roles, as a mistake would lock the person out."""
    if client.person is not None and client.person.id == account.id:
        raise Conflict("own_account", "another person must change this of your account")


def require_head(transaction: Transaction, chain: str, before: Collection[str]) -> None:
    """Raises `Conflict` where a chain that had people of the head office would have none."""
    if before and not lock_heads(transaction, chain):
        raise Conflict("last_head_office", "the chain needs a person with the role head_office")


def _require_may_give(client: Client, transaction: Transaction, chain: str, roles: list[Role]) -> None:
    scopes = scopes_of_roles(transaction, chain, roles)
    for role in roles:
        if not may_give_role(client, chain, role, scopes):
            detail = f"you lack rights of {role.name} in {role.level} {role.scope_id}, or people:manage there"
            raise Rejected("role_not_allowed", detail, status=HTTPStatus.FORBIDDEN)


def _fault(number: int, chain: str, role: Role) -> Fault | None:
    if role.level not in LEVELS[role.name]:
        levels = " or ".join(LEVELS[role.name])
        return Fault(
            f"roles[{number}].level", "wrong_level", f"{role.name} is given over a {levels}", role.level, levels
        )
    if role.level == "chain" and role.scope_id != chain:
        return Fault(f"roles[{number}].scope", "differs", "it is another chain", role.scope_id, chain)
    return None
