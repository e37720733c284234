"""Requests leave from a function outside of the private network, which has no right and no secret of its own.

So a configured address reaches neither the database nor the cloud's metadata, and the private network needs no way out.
"""

import base64
from collections.abc import Sequence
from typing import Any

from functions.sync.outside.exchange import Exchange, HttpReply, HttpRequest
from shared.kit.outside.exchange import Lost
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Unavailable


def exchange_of(env: Environment) -> Exchange:
    """Sends requests by the function that is called; without one, by this function."""
    if env.settings.called_function:
        return lambda requests: _remote(env, requests)
    from functions.sync.outside.client import client  # noqa: PLC0415 - httpx takes 80 ms, and lies in one function's layer

    return client(local=_is_local(env)).exchange


def _remote(env: Environment, requests: Sequence[HttpRequest]) -> list[HttpReply]:
    try:
        result = env.aws.invoke(
            env.settings.called_function, {"requests": [_document(request) for request in requests]}
        )
    except Unavailable as failure:
        log.logger().warning("no reply of the calling function", extra={"error": str(failure)})
        return [HttpReply(failure=Lost.NO_REPLY)]
    return [_reply(document) for document in result["replies"]]


def exchange_documents(event: dict[str, Any], env: Environment) -> dict[str, Any]:
    """In the function that is called: the requests of a document, and the document of their replies."""
    from functions.sync.outside.client import client  # noqa: PLC0415 - as above

    replies = client(local=_is_local(env)).exchange([_request(document) for document in event["requests"]])
    return {"replies": [vars(reply) | {"body": _text(reply.body)} for reply in replies]}


def _is_local(env: Environment) -> bool:
    return env.settings.stage == "local"


def _document(request: HttpRequest) -> dict[str, Any]:
    return vars(request) | {"body": _text(request.body)}


def _request(document: dict[str, Any]) -> HttpRequest:
    return HttpRequest(**document | {"body": base64.b64decode(document["body"])})


def _reply(document: dict[str, Any]) -> HttpReply:
    failure = document["failure"]
    return HttpReply(
        document["status"],
        base64.b64decode(document["body"]),
        Lost(failure) if failure else None,
        document["retry_after"],
    )


def _text(body: bytes) -> str:
    return base64.b64encode(body).decode()
