"""Calls leave from a function outside of the private network, which has no right and no secret of its own.

So a configured address reaches neither the database nor the cloud's metadata, and the private network needs no way out.
"""

import base64
from collections.abc import Sequence
from typing import Any

from shared.kit.outside.exchange import Answer, Call, Lost, Reply
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Unavailable


def post_from_outside(env: Environment, calls: Sequence[Call]) -> list[Answer]:
    """The answers in order, by the function that is called; without one, by this function."""
    if not calls:
        return []
    if not env.settings.called_function:
        return _post(calls, env)
    try:
        result = env.aws.invoke(env.settings.called_function, {"calls": [_document(call) for call in calls]})
    except Unavailable as failure:
        log.logger().warning("no reply of the calling function", extra={"error": str(failure)})
        return [Answer(lost=Lost.NO_REPLY) for _ in calls]
    return [_answer(document) for document in result["answers"]]


def post_documents(event: dict[str, Any], env: Environment) -> dict[str, Any]:
    """In the function that is called: the calls of a document, and the document of their answers."""
    answers = _post([_call(document) for document in event["calls"]], env)
    return {"answers": [_answer_document(answer) for answer in answers]}


def _post(calls: Sequence[Call], env: Environment) -> list[Answer]:
    from shared.kit.outside.client import post_all  # noqa: PLC0415 - httpx lies in one function's layer

    return post_all(calls, local=env.settings.stage == "local")


def _document(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": call.url,
        "headers": dict(call.headers),
        "body": _text(call.body),
        "seconds": call.seconds,
    }


def _call(document: dict[str, Any]) -> Call:
    body = base64.b64decode(document["body"])
    return Call(document["method"], document["url"], document["headers"], body, document["seconds"])


def _answer_document(answer: Answer) -> dict[str, Any]:
    reply = answer.reply
    if reply is None:
        return {"lost": answer.lost}
    return {"status": reply.status, "headers": dict(reply.headers), "body": _text(reply.body)}


def _answer(document: dict[str, Any]) -> Answer:
    if "status" not in document:
        return Answer(lost=Lost(document["lost"]))
    return Answer(Reply(document["status"], document["headers"], base64.b64decode(document["body"])))


def _text(body: bytes) -> str:
    return base64.b64encode(body).decode()
