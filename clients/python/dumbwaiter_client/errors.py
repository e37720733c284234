"""The errors of the client."""

from typing import Any


class Problem(Exception):
    """A reply with an error, as problem details by RFC 9457. `code` is for programs; docs/api/problems.md lists it."""

    def __init__(self, status: int, document: dict[str, Any]) -> None:
        self.status = status
        self.document = document
        self.code: str | None = document.get("code")
        self.detail: str = document.get("detail", "")
        self.errors: list[dict[str, Any]] = document.get("errors", [])
        super().__init__(f"{status} {self.code or 'reply of a gateway'}: {self.detail}")


class NoReply(Exception):
    """No attempt got a reply. The server may have done the work: send the same request with the same key again."""


class RegionSuperseded(Exception):
    """The region was failed over. Use the address of the other region, and give it the epoch of this client."""
