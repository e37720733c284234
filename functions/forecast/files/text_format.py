"""The encoding and the delimiter of a CSV file: UTF-8, UTF-16 or GBK; comma, semicolon or tab."""

import csv
from collections.abc import Iterable, Sequence

from shared.spine.errors import Rejected

UTF_8, UTF_16, GBK, ASCII_SUPERSET = "utf-8-sig", "utf-16", "gb18030", "latin-1"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
HEAD = 32  # bytes that tell UTF-16 without a mark: they are of the first line
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
KEY = "store_id"  # the column that every file has
# In GB 2312 the most common characters, and the punctuation, have these lead bytes.
COMMON_LEADS = frozenset({*range(0xA1, 0xAA), *range(0xB0, 0xD8)})
COMMON_SHARE = 0.75
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and other ZIP archives; .xls


def refuse_workbook(content: bytes) -> None:
    """Raises `Rejected` for an Excel workbook or a ZIP archive, with what to send instead."""
    if not content.startswith(WORKBOOKS):
        return
    if content.startswith(WORKBOOKS[0]) and b"xl/" not in content:
        raise Rejected("file_is_archive", "The file is a ZIP archive. Unpack it and send the CSV or Parquet file.")
    detail = "The file is an Excel workbook. In Excel, save the sheet as CSV UTF-8 and send that file."
    raise Rejected("file_is_workbook", detail)


def encodings(head: bytes) -> Sequence[str]:
    """The encodings to try, in this order, for a file that begins with the `HEAD` bytes of `head`."""
    if head.startswith(UTF_16_MARKS):
        return (UTF_16,)
    # Every second byte of ASCII in UTF-16 is 0.
    for encoding, zeros, letters in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros and not any(zeros) and all(letters):
            return (encoding,)
    return (UTF_8, GBK, ASCII_SUPERSET)


def is_sure(encoding: str, texts: Iterable[str | None]) -> bool:
    """Whether the encoding is right for the texts that are used.

    Any encoding is right for ASCII. GBK is right if most of the other characters are common Chinese ones.
    """
    if encoding not in (GBK, ASCII_SUPERSET):
        return True
    used = (character for text in texts if text and not text.isascii() for character in text)
    characters = [character for character in used if character > "\x7f" and not character.isspace()]
    if not characters or encoding != GBK:
        return not characters
    common = sum(_is_common(character) for character in characters)
    return common >= COMMON_SHARE * len(characters)


def _is_common(character: str) -> bool:
    try:
        return character.encode("gb2312")[0] in COMMON_LEADS
    except UnicodeEncodeError:
        return False


def encoding_note(encoding: str) -> str:
    """How the file was read; empty for UTF-8."""
    if encoding == UTF_8:
        return ""
    if encoding == ASCII_SUPERSET:
        return "The encoding of the file is unknown. The columns that are used have ASCII characters only."
    return f"The file was read as {'GBK' if encoding == GBK else 'UTF-16'}."


def delimiter_of(line: str) -> str:
    """The delimiter of a file, from its first line; a comma if the line does not tell."""
    line = line.strip("\r\n")
    if line.lower().startswith("sep=") and line[4:] in DELIMITERS:  # Excel's first line
        return line[4:]
    fitting = [delimiter for delimiter in DELIMITERS if KEY in _cells(line, delimiter)]
    return fitting[0] if len(fitting) == 1 else ","


def names_delimiter(line: str) -> bool:
    """Whether the line names the delimiter only, as Excel writes it: `sep=;`."""
    return line.lower().startswith("sep=")


def delimiter_note(delimiter: str) -> str:
    """How the file was read; empty for commas."""
    return "" if delimiter == "," else f"Columns are separated by {DELIMITERS[delimiter]}."


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return []
