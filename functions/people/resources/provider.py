"""/v1/identity-provider: the OpenID provider at which the people of a chain sign in."""

from http import HTTPStatus
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.people.authority.giving import Role, may_give_role
from functions.people.provider.reading import read_from
from functions.people.tables.providers import Provider, delete_provider, read_provider, replace_provider, update_read
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.kit.addresses.url import parsed_url
from shared.spine.auth import cipher
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Call, Reply

Address = Annotated[str, StringConstraints(min_length=8, max_length=500)]


class ProviderIn(Input):
    """A provider. Register `redirect_uri` there, the address of the console with `/provider` at its end."""

    chain: Id
    issuer: Annotated[Address, Field(description="As in the provider's openid-configuration.")]
    client: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    client_secret: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    redirect_uri: Address


class ChainQuery(Query):
    """A chain."""

    chain: Id


class ProviderDocument(Output):
    """The provider of a chain, without its secret."""

    chain: str
    issuer: str
    client: str
    redirect_uri: str


class ProviderDeleted(Output):
    """The chain whose people sign in by password alone."""

    chain: str


def get_provider(call: Call, query: ChainQuery) -> Reply:
    """Read the provider of a chain."""
    _require_head(call, query.chain)
    with call.env.db.transaction() as transaction:
        provider = read_provider(transaction, query.chain)
    if provider is None:
        raise unknown_provider()
    return Reply(_document(provider))


def put_provider(call: Call, body: ProviderIn) -> Reply:
    """Store the provider of a chain. Its addresses and keys are read at once. Needs all rights of the head office."""
    _require_head(call, body.chain)
    is_local = call.env.settings.stage == "local"
    for address in (body.issuer, body.redirect_uri):
        parsed_url(address, local=is_local)
    encrypted = cipher(call.env.keyring()).encrypt(body.client_secret.encode())
    provider = read_from(call.env, Provider(body.chain, body.issuer, body.client, encrypted, body.redirect_uri))
    with call.once() as (work, stored):
        replace_provider(work, provider)
        update_read(work, provider)
        stored.reply = _document(provider).model_dump_json()
    return Reply(stored.reply)


def end_provider(call: Call, query: ChainQuery) -> Reply:
    """Delete the provider of a chain. Sessions that began there go on."""
    _require_head(call, query.chain)
    with call.once() as (work, stored):
        if not delete_provider(work, query.chain):
            raise unknown_provider()
        stored.reply = ProviderDeleted(chain=query.chain).model_dump_json()
    return Reply(stored.reply)


def unknown_provider() -> NotFound:
    """The error for a chain without a provider."""
    return NotFound("unknown_provider", "the chain has no identity provider")


def _require_head(call: Call, chain: str) -> None:
    """Raises `Rejected` (403): who sets the provider can sign in as each person of the chain."""
    if not may_give_role(call.client, chain, Role("head_office", "chain", chain), {}):
        raise Rejected("role_not_allowed", "this needs all rights of the head office", status=HTTPStatus.FORBIDDEN)


def _document(provider: Provider) -> ProviderDocument:
    return ProviderDocument(
        chain=provider.chain, issuer=provider.issuer, client=provider.client, redirect_uri=provider.redirect_uri
    )
