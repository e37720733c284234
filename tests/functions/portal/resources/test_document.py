"""GET /openapi.json."""

from generate import openapi
from tests.support.orders import Caller


def test_the_document_is_served_as_committed_and_to_every_origin(call: Caller) -> None:
    reply = call("GET", "/openapi.json")
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (200, "*")
    assert reply.text == openapi.FILE.read_text(encoding="utf-8")
