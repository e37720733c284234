"""Text that people type: any script and emoji, but nothing that a printer, a queue or a log chokes on."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

# Controls but tab and line feed, surrogates and non-characters: SQS and SNS refuse them, so they would stop a message.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")


def _fit(text: str) -> str:
    if _UNFIT.search(text):
        raise ValueError("contains control characters")
    return text


def cleaned(text: str) -> str:
    """The text without what is not fit; line ends of other systems become line feeds."""
    return _UNFIT.sub("", _LINE_ENDS.sub("\n", text))


def _unpadded(text: str) -> str:
    # For the database "p1" and "p1 " are the same key.
    if text != text.strip(" "):
        raise ValueError("begins or ends with a space")
    return text


ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
PHONE_PATTERN = r"^\+?[0-9 ()-]{3,30}$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_fit)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_fit)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(_fit)]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=128), AfterValidator(_fit), AfterValidator(_unpadded)
]
Phone = Annotated[str, StringConstraints(pattern=PHONE_PATTERN)]
Method = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
