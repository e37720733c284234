"""Requests to endpoints leave from a function outside of the private network, which has no right and no secret.

So an address that passed every check still reaches no database, and the private network needs no way to the internet.
"""

import json
from collections.abc import Sequence
from typing import Any

from functions.webhooks.posting.lanes import post_lanes
from functions.webhooks.posting.post import Outcome, PostError, Request
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Unavailable

# Lambda takes 6 MB in a call; the JSON of a body is longer than the body.
MOST_BYTES = 5 * 1024 * 1024


def post_from_outside(env: Environment, lanes: Sequence[Sequence[Request]], seconds: float) -> list[list[Outcome]]:
    """The outcomes of `post_lanes` in the function that is called; without one, of this function.

    Lanes that exceed a call have fewer outcomes. A call that failed has none.
    """
    if not env.settings.called_function:
        return post_lanes(lanes, seconds, local=_is_local(env))
    documents = _fitting([[_document(request) for request in lane] for lane in lanes])
    try:
        result = env.aws.invoke(env.settings.called_function, {"lanes": documents, "seconds": seconds})
    except Unavailable as failure:
        log.logger().warning("no request was sent", extra={"error": str(failure)})
        return [[] for _ in lanes]
    return [[_outcome(document) for document in lane] for lane in result["lanes"]]


def post_documents(event: dict[str, Any], env: Environment) -> dict[str, Any]:
    """In the function that is called: the requests of a document, and the document of their outcomes."""
    lanes = [[_request(document) for document in lane] for lane in event["lanes"]]
    outcomes = post_lanes(lanes, event["seconds"], local=_is_local(env))
    return {"lanes": [[vars(outcome) for outcome in lane] for lane in outcomes]}


def _is_local(env: Environment) -> bool:
    return env.settings.stage == "local"


def _document(request: Request) -> dict[str, Any]:
    return {"url": request.url, "headers": request.headers, "body": request.body.decode()}


def _request(document: dict[str, Any]) -> Request:
    return Request(document["url"], document["headers"], document["body"].encode())


def _outcome(document: dict[str, Any]) -> Outcome:
    error = document["error"]
    return Outcome(**document | {"error": PostError(error) if error else None})


def _fitting(lanes: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """The first documents of the lanes, as many as a call takes. A single message always fits."""
    size = 0
    fitting: list[list[dict[str, Any]]] = []
    for lane in lanes:
        fitting.append([])
        for document in lane:
            size += len(json.dumps(document))
            if size > MOST_BYTES:
                break
            fitting[-1].append(document)
    return fitting
