"""A reply carries the revision; a request names the revision that its caller read."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import BaseModel

from shared.kit import revision
from shared.spine.errors import Conflict
from shared.spine.http import Call


class Document(BaseModel):
    """A resource."""

    name: str = "pass"


def request(**headers: str) -> Call:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return cast("Call", SimpleNamespace(headers=named))


def unread() -> Any:
    raise AssertionError("the document is not made for a 304")


def test_reply_carries_the_document_and_its_tag() -> None:
    reply = revision.reply_unless_current(request(), 7, Document)
    assert (reply.status, reply.content()) == (200, '{"name":"pass"}')
    assert reply.headers == {"ETag": '"7"', "Cache-Control": "private, no-cache"}


@pytest.mark.parametrize("tags", ['"7"', 'W/"7"', '"3", "7"', "*"])
def test_caller_that_has_the_revision_gets_304(tags: str) -> None:
    reply = revision.reply_unless_current(request(If_None_Match=tags), 7, unread)
    assert (reply.status, reply.content(), reply.headers["ETag"]) == (304, "", '"7"')


@pytest.mark.parametrize("tags", ['"6"', "7", ""])
def test_caller_that_has_another_revision_gets_the_document(tags: str) -> None:
    assert revision.reply_unless_current(request(If_None_Match=tags), 7, Document).status == 200


@pytest.mark.parametrize("headers", [{}, {"If_Match": "*"}, {"If_Match": '"7"'}])
def test_change_passes_at_the_revision_that_was_read(headers: dict[str, str]) -> None:
    revision.require_match(request(**headers), 7)


def test_change_of_another_revision_is_refused() -> None:
    with pytest.raises(Conflict) as caught:
        revision.require_match(request(If_Match='"6"'), 7)
    assert (caught.value.code, caught.value.status) == ("changed", 412)


def test_resource_that_does_not_exist_matches_no_revision() -> None:
    revision.require_no_match(request())
    with pytest.raises(Conflict):
        revision.require_no_match(request(If_Match="*"))
