"""An order as the text of a message."""

from functions.outlets.text.document import Document, DocumentLine
from functions.outlets.text.words import say

# The page behind the link shows all lines. A channel cuts texts that are longer than it takes.
MOST_LINES = 25


def order_text(document: Document, language: str) -> str:
    """Number, time, lines with options and notes, total, and the guest's address where the outlet delivers."""
    head = say(language, "changed" if document["changed"] else "order", number=document["number"])
    place = say(language, "table", table=document["table"]) if document["table"] else None
    wanted = document["wanted_for"]
    time = say(language, "wanted", time=wanted) if wanted else say(language, "asap")
    lines = [text for line in document["lines"][:MOST_LINES] for text in line_texts(line, language)]
    rest = len(document["lines"]) - MOST_LINES
    parts = [
        f"{head} · {document['store']}",
        " · ".join(part for part in (say(language, f"service.{document['service']}"), place, time) if part),
        *lines,
        say(language, "more", count=rest) if rest > 0 else None,
        say(language, "note", note=document["note"]) if document["note"] else None,
        total_text(document, language),
        *document["guest"],
    ]
    return "\n".join(part for part in parts if part)


def line_texts(line: DocumentLine, language: str) -> list[str]:
    """The dish, then its options, then its note, which may name an allergy."""
    texts = [f"{line['quantity']} × {line['name']}"]
    if line["details"]:
        texts.append(f"   {', '.join(line['details'])}")
    if line["note"]:
        texts.append(f"   ⚠ {say(language, 'note', note=line['note'])}")
    return texts


def total_text(document: Document, language: str) -> str:
    """The total, and whether it is paid."""
    paid = say(language, "paid" if document["paid"] else "unpaid")
    return f"{say(language, 'total', total=document['total'])} ({paid})"
