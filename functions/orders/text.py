"""Text that people type: any script and emoji, but nothing that a printer, a queue or a log chokes on."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

# Controls but tab and line feed, surrogates and non-characters: SQS and SNS refuse them, so they would stop a message.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _fit(text: str) -> str:
    if _UNFIT.search(text):
        raise ValueError("contains control characters")
    return text


def _unpadded(text: str) -> str:
    # For the database "p1" and "p1 " are the same key.
    if text != text.strip(" "):
        raise ValueError("begins or ends with a space")
    return text


Id = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_fit)]
Note = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_fit)]
Address = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(_fit)]
Reference = Annotated[
    str, StringConstraints(min_length=1, max_length=128), AfterValidator(_fit), AfterValidator(_unpadded)
]
Method = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
