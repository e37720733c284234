"""`python -m generate.openapi` → functions/portal/openapi.json, from the operations of every concern with an API."""

import argparse
import importlib
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from http import HTTPStatus
from inspect import signature
from typing import Any

from flask_openapi3.models.info import Info
from flask_openapi3.models.server import Server
from flask_openapi3.models.tag import Tag
from flask_openapi3.openapi import OpenAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from demo.examples import KEPT, REQUESTS
from shared.spine.auth import SCHEME
from shared.spine.http import Operation
from shared.spine.json_body import JSON
from shared.spine.problems import PROBLEM, Problem
from shared.spine.request_key import LONGEST_KEY
from stack.addresses import CHECKOUT

FILE = CHECKOUT / "functions/portal/openapi.json"
# Readers begin with these. The others follow by name.
FIRST = ("orders", "stores", "console", "members", "printing", "forecast", "portal")


def _operations() -> Iterator[Operation]:
    concerns = sorted(file.parent.name for file in (CHECKOUT / "functions").glob("*/api.py"))
    for concern in (*FIRST, *(name for name in concerns if name not in FIRST)):
        yield from importlib.import_module(f"functions.{concern}.api").OPERATIONS


OPERATIONS = list(_operations())
Json = dict[str, Any]

SIGNED: dict[str, Any] = {
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": f"`{SCHEME} Credential=<key id>, Signature=<64 hex digits>`. See docs/api/signing.md.",
    },
    "time": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Dumbwaiter-Time",
        "description": "The signed moment in Unix seconds, at most 300 s away from ours.",
    },
}
# In place of a signature: what the browser of a person sends.
SESSION: dict[str, Any] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-dumbwaiter-session",
        "description": "The cookie of POST /v1/sessions. See docs/api/sessions.md.",
    },
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "`csrf` of GET /v1/session, with each request but GET.",
    },
}
# In place of a signature, for the operations that take one.
GUEST: dict[str, Any] = {
    "guest_token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of POST /v1/guest-tokens, for the device of a guest. See docs/api/guest-tokens.md.",
    }
}
REPLIES = {
    200: "Done, or as it stands.",
    201: "Made by this request.",
    202: "Taken; it is done later.",
    304: "The caller's copy is the present revision.",
    400: "The body is no JSON.",
    401: "The signature is missing, wrong or too old.",
    403: "The key lacks the right here.",
    404: "There is no such thing, or none that this key may see.",
    409: "It is in another state than the request supposes, or the same request is still at work.",
    410: "It was good once, and is no more.",
    412: "It is not at the revision that If-Match names.",
    413: "The body is larger than 256 KiB.",
    415: "The body is not UTF-8 JSON, or not declared as application/json.",
    422: "Something in the request is wrong; `errors` names each thing.",
    429: "More requests than this key may make.",
    500: "A fault of this API; its log knows it by `request`.",
    503: "Not now: the same again later may succeed.",
}
TAGS = {
    "orders": "Orders, what is paid for them and what becomes of them.",
    "stores": "Stores, their hours and menus.",
    "session": "People who sign in.",
    "links": "One-time links by which people choose a password.",
    "people": "People and their roles.",
    "clients": "API keys.",
    "audit": "The record of what people did.",
    "identity-provider": "The OpenID provider at which the people of a chain sign in.",
    "takings": "Takings of stores.",
    "member": "Members by what they buy.",
    "segments": "Members by expressions over their tags.",
    "tag": "Tags, their thresholds, and backfills.",
    "printing": "Print agents, printers, jobs.",
    "forecast": "Revenue to come, and how right it was.",
}


def header(description: str, **schema: Any) -> Json:
    return {"description": description, "schema": {"type": "string", **schema}}


RETRY_AFTER = {"description": "Seconds to wait before the same again.", "schema": {"type": "integer", "minimum": 1}}
ETAG = header("The revision, for If-Match and If-None-Match.")
REPLAYED = header("There when the work had been done before: this is its first reply.", const="true")
LOCATION = header("The path of the order.")
EPOCH = {
    "description": "Grows with each failover to another region. See docs/api/regions.md.",
    "schema": {"type": "integer", "minimum": 0},
}
KEY = header("Makes a repeated request the same one.", pattern=f"^[ -~]{{1,{LONGEST_KEY}}}$")
IF_MATCH = header("Only while the store is at this revision; `*`: only where it exists.")
IF_NONE_MATCH = header("Revisions that the caller has; 304 when the present one is among them.")


def render() -> str:
    """The document as the file holds it; the same code gives the same text."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> Json:
    """The OpenAPI 3.1 document. Paths and parameters are flask-openapi3's."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    info = Info(title=project["name"].capitalize(), version=project["version"], description=project["description"])
    app = OpenAPI(
        project["name"],
        info=info,
        security_schemes=SIGNED | SESSION | GUEST,
        servers=[Server(url=".")],
        doc_ui=False,
    )
    for operation in OPERATIONS:
        _register(app, operation)
    described: Json = app.api_doc
    for operation in OPERATIONS:
        _complete(described["paths"][operation.rule][operation.method.lower()], operation)
    # The library drops what its own model of a schema does not know; pydantic's are whole.
    described["components"]["schemas"] = _schemas()
    statuses = sorted({status for operation in OPERATIONS for status in operation.problems})
    described["components"]["responses"] = {f"Problem{status}": _problem(status) for status in statuses}
    return described


def _register(app: OpenAPI, operation: Operation) -> None:
    name = next((name for name in TAGS if operation.rule.startswith(f"/v1/{name}")), None)
    register = getattr(app, operation.method.lower())(
        operation.rule.replace("{", "<").replace("}", ">"),
        operation_id=operation.view.__name__,
        tags=[Tag(name=name, description=TAGS[name])] if name else [Tag(name="about", description="The API itself.")],
        security=_security(operation),
    )
    register(operation.view)


def _security(operation: Operation) -> list[dict[str, list[str]]] | None:
    if operation.public:
        return None
    session = SESSION if operation.mutates else ["session"]
    alternatives = [SIGNED, session, GUEST] if operation.guests else [SIGNED, session]
    return [{name: [] for name in names} for names in alternatives]


def _complete(described: Json, operation: Operation) -> None:
    """Add to an operation what its view's signature does not say."""
    parameters = described.setdefault("parameters", [])
    for parameter in parameters:
        parameter["schema"] = _without_null(parameter["schema"])
    parameters += [{"name": name, "in": "header", **reply} for name, reply in _headers_taken(operation).items()]
    if operation.view.__name__ in REQUESTS:
        described["requestBody"]["content"][JSON]["example"] = REQUESTS[operation.view.__name__]
    replies = {status: _reply(operation, status, body) for status, body in operation.replies.items()}
    problems = {status: {"$ref": f"#/components/responses/Problem{status}"} for status in operation.problems}
    described["responses"] = {str(status): reply for status, reply in sorted((replies | problems).items())}


def _headers_taken(operation: Operation) -> dict[str, Json]:
    headers = {}
    if operation.mutates:
        headers["Idempotency-Key"] = KEY
    if HTTPStatus.PRECONDITION_FAILED in operation.problems:
        headers["If-Match"] = IF_MATCH
    if HTTPStatus.NOT_MODIFIED in operation.replies:
        headers["If-None-Match"] = IF_NONE_MATCH
    return headers


def _reply(operation: Operation, status: int, body: type[BaseModel] | str | None) -> Json:
    reply: Json = {"description": REPLIES[status]}
    headers = {} if operation.public else {"Dumbwaiter-Epoch": EPOCH}
    if operation.mutates:
        headers["Idempotent-Replayed"] = REPLAYED
    if {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.NOT_MODIFIED} & {*operation.problems, *operation.replies}:
        headers["ETag"] = ETAG
    if operation.view.__name__ == "place_order":
        headers["Location"] = LOCATION
    if headers:
        reply["headers"] = headers
    if isinstance(body, str):
        reply["content"] = {body: {"schema": {"type": "object" if body == JSON else "string"}}}
    elif body:
        reply["content"] = {JSON: {"schema": _reference(body)}}
        if operation.view.__name__ == "place_order":
            reply["content"][JSON]["example"] = KEPT
    return reply


def _problem(status: int) -> Json:
    headers = {"headers": {"Retry-After": RETRY_AFTER}} if status in (409, 429, 503) else {}
    return {"description": REPLIES[status], **headers, "content": {PROBLEM: {"schema": _reference(Problem)}}}


def _without_null(schema: Json) -> Json:
    """Of an optional parameter: it is left away, never null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def _schemas() -> Json:
    sent = [signature(operation.view).parameters.get("body") for operation in OPERATIONS]
    replied = [body for operation in OPERATIONS for body in operation.replies.values() if not isinstance(body, str)]
    modes: Any = [(parameter.annotation, "validation") for parameter in sent if parameter]
    modes += [(body, "serialization") for body in (*replied, Problem) if body]
    _, definitions = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    return dict(sorted(_merged(definitions["$defs"]).items()))


def _merged(schemas: Json) -> Json:
    """The schemas with one name for a model that is sent and answered in the same form.

    Of models that contain themselves pydantic makes `Name-Input` and `Name-Output`, even if they are equal.
    """
    text = re.sub(r'(/schemas/\w+)-(?:Input|Output)"', r'\1"', json.dumps(schemas))
    merged: Json = {}
    for name, schema in json.loads(text).items():
        model = re.sub("-(Input|Output)$", "", name)
        if merged.setdefault(model, schema) != schema:
            raise ValueError(f"{model} is sent in another form than it is answered")
    return merged


def _reference(model: type[BaseModel]) -> Json:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m generate.openapi", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is current")
    if not parser.parse_args().check:
        FILE.write_text(render(), encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != render():
        print(f"{FILE.relative_to(CHECKOUT)} is stale: python -m generate.openapi", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
