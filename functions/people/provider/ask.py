"""One request to a provider: to a checked address, with a bounded reply. It follows no redirect.

It leaves from a function outside of the private network, which has no right and no secret.
"""

import http.client
import json
import socket
import ssl
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from shared.kit.addresses.resolution import resolve
from shared.kit.addresses.url import parsed_url
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import Rejected, Unavailable

SECONDS, MOST_REPLY = 4.0, 512 * 1024


def ask(
    env: Environment, url: str, form: dict[str, str] | None = None, authorization: str | None = None
) -> dict[str, Any]:
    """The JSON object at `url`: by GET, or with `form` by POST. Raises `Unavailable` where there is none."""
    question = {"url": url, "form": form, "authorization": authorization}
    if env.settings.called_function:
        answer = env.aws.invoke(env.settings.called_function, question)
    else:
        answer = answer_of(question, env)
    if answer["status"] != HTTPStatus.OK:
        log.logger().warning("the provider refused", extra={"status": answer["status"]})
        raise _no_answer()
    try:
        document = json.loads(answer["body"])
    except ValueError:
        raise _no_answer() from None
    if not isinstance(document, dict):
        raise _no_answer()
    return document


def answer_of(question: dict[str, Any], env: Environment) -> dict[str, Any]:
    """{"status", "body"} of the request in a document; status 0 where there was no reply."""
    try:
        status, body = _send(question, local=env.settings.stage == "local")
    except (Rejected, OSError, http.client.HTTPException, ValueError) as failure:
        log.logger().warning("the provider did not answer", extra={"kind": type(failure).__name__})
        return {"status": 0, "body": ""}
    return {"status": status, "body": body}


def _send(question: dict[str, Any], *, local: bool) -> tuple[int, str]:
    url, form = parsed_url(question["url"], local=local), question["form"]
    address = resolve(url, local=local, seconds=SECONDS)[0]
    stream: socket.socket = socket.create_connection((address, url.port), timeout=SECONDS)
    if url.scheme == "https":
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=url.host)
    connection = http.client.HTTPConnection(url.host, url.port, timeout=SECONDS)
    connection.sock = stream
    try:
        body = urlencode(form) if form is not None else None
        headers = {"Host": url.authority, "Accept": "application/json", "User-Agent": "Dumbwaiter-People/1"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if question["authorization"]:
            headers["Authorization"] = question["authorization"]
        connection.request("GET" if body is None else "POST", url.target, body, headers)
        response = connection.getresponse()
        content = response.read(MOST_REPLY + 1)
    finally:
        connection.close()
    if len(content) > MOST_REPLY:
        raise ValueError("the reply is too long")
    return response.status, content.decode()


def _no_answer() -> Unavailable:
    return Unavailable("provider_unavailable", "the chain's provider did not answer as it should", retry_after=5)
