"""Identifiers, and text that people type: any script and emoji, but no character that a printer or queue refuses."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

# The one form of an identifier that a chain chooses: of a store, an item, a client, a station.
IDENTIFIER = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"

# Controls but tab and line feed, surrogates and non-characters: SQS and SNS refuse messages that hold them.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")
LONGEST_CODE = 64


def printable(text: str) -> str:
    """The text. Raises ValueError when it has control characters."""
    if _FORBIDDEN.search(text):
        raise ValueError("contains control characters")
    return text


def cleaned(text: str) -> str:
    """The text without control characters; line ends of other systems become line feeds."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def ascii_code(text: str) -> str:
    """A code of an outside system, as columns of codes hold it: 64 characters of ASCII. Others become `?`."""
    return "".join(one if " " <= one <= "~" else "?" for one in text[:LONGEST_CODE])


def _unpadded(text: str) -> str:
    # The database compares "p1" and "p1 " as equal keys.
    if text != text.strip(" "):
        raise ValueError("begins or ends with a space")
    return text


ID_PATTERN = f"^{IDENTIFIER}$"
PHONE_PATTERN = r"^\+?[0-9 ()-]{3,30}$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(printable)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(printable)]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=128), AfterValidator(printable), AfterValidator(_unpadded)
]
Phone = Annotated[str, StringConstraints(pattern=PHONE_PATTERN)]
METHOD_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
Method = Annotated[str, StringConstraints(pattern=METHOD_PATTERN)]
