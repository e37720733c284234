"""The page that shows an order and takes its answer. It works without a script, prints, and loads nothing."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape

from functions.outlets.text.document import Document
from functions.outlets.text.order_text import total_text
from functions.outlets.text.words import say

STYLE = (
    "body{font:18px/1.4 sans-serif;margin:0 auto;max-width:32em;padding:12px;color:#111;background:#fff}"
    "h1{font-size:28px;margin:8px 0}ul{list-style:none;padding:0}li{border-bottom:1px solid #ccc;padding:6px 0}"
    ".n{font-weight:bold}.d{color:#444}.w{background:#fff3cd;padding:2px 4px}"
    "button,select{font:inherit;min-height:48px;min-width:44px;padding:8px 16px;margin:4px 4px 4px 0}"
    "button.go{background:#0a7d33;color:#fff;border:0;border-radius:6px;font-weight:bold}"
    ".s{font-size:22px;font-weight:bold;border:3px solid;padding:8px}"
    "details{margin-top:24px}@media print{form{display:none}}"
)
POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # The link is in no request to others. Without a referrer a browser says that the form comes from nowhere.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
    "Cache-Control": "no-store",
}
REASONS = ("sold_out", "too_busy", "closed", "other")


def order_page(
    document: Document, language: str, minutes: Sequence[int], nonce: str, trouble: str | None = None
) -> str:
    """The order with a button for each ready time. To press one of them is to confirm."""
    notice = f'<p class="s" role="alert">{escape(trouble)}</p>' if trouble else ""
    body = (
        f"{notice}{_order(document, language)}<p>{escape(say(language, 'not_yet'))}</p>"
        f'<form method="post"><input type="hidden" name="nonce" value="{escape(nonce)}">'
        f"<h2>{escape(say(language, 'confirm'))}</h2>{_buttons(language, minutes)}</form>"
        f"<details><summary>{escape(say(language, 'decline'))}</summary>"
        f'<form method="post"><input type="hidden" name="nonce" value="{escape(nonce)}">'
        f"<label>{escape(say(language, 'reason'))} {_reasons(language)}</label>"
        f'<button name="answer" value="decline">{escape(say(language, "decline.button"))}</button></form></details>'
    )
    return _page(language, say(language, "order", number=document["number"]), body)


def request_page(question: str, language: str, nonce: str, trouble: str | None = None) -> str:
    """A question with one button. To press it is to confirm."""
    notice = f'<p class="s" role="alert">{escape(trouble)}</p>' if trouble else ""
    body = (
        f'{notice}<h1>{escape(question)}</h1><form method="post">'
        f'<input type="hidden" name="nonce" value="{escape(nonce)}">'
        f'<button class="go" name="answer" value="confirm">{escape(say(language, "ask.button"))}</button></form>'
    )
    return _page(language, question, body)


def status_page(document: Document | None, language: str, status: str, more: str = "") -> str:
    """The state of the order, and the order itself where it may still be read."""
    order = _order(document, language) if document else ""
    rest = f"<p>{escape(more)}</p>" if more else ""
    return _page(language, status, f'<p class="s" role="status">{escape(status)}</p>{rest}{order}')


def _order(document: Document, language: str) -> str:
    wanted = document["wanted_for"]
    time = say(language, "wanted", time=wanted) if wanted else say(language, "asap")
    heads = [say(language, f"service.{document['service']}"), time]
    if document["table"]:
        heads.insert(1, say(language, "table", table=document["table"]))
    number = say(language, "changed" if document["changed"] else "order", number=document["number"])
    parts = [f"<h1>{escape(number)}</h1><p>{escape(' · '.join([document['store'], *heads]))}</p>"]
    parts.append(f"<ul>{_lines(document, language)}</ul>")
    if document["note"]:
        parts.append(f'<p class="w">{escape(say(language, "note", note=document["note"]))}</p>')
    parts.append(f'<p class="n">{escape(total_text(document, language))}</p>')
    parts += [f"<p>{escape(text)}</p>" for text in document["guest"]]
    return "".join(parts)


# A page of an old phone stays under 30 KB.
MOST_LINES, MOST_TEXT = 120, 18_000


def _lines(document: Document, language: str) -> str:
    texts: list[str] = []
    size = 0
    for line in document["lines"][:MOST_LINES]:
        details = f'<br><span class="d">{escape(", ".join(line["details"]))}</span>' if line["details"] else ""
        note = line["note"] and f'<br><span class="w">⚠ {escape(say(language, "note", note=line["note"]))}</span>'
        text = f'<li><span class="n">{line["quantity"]} × {escape(line["name"])}</span>{details}{note or ""}</li>'
        size += len(text.encode())
        if size > MOST_TEXT:
            break
        texts.append(text)
    rest = len(document["lines"]) - len(texts)
    return "".join([*texts, f"<li>… +{rest}</li>"] if rest else texts)


def _buttons(language: str, minutes: Sequence[int]) -> str:
    return "".join(
        f'<button class="go" name="ready" value="{each}">{escape(say(language, "ready", minutes=each))}</button>'
        for each in minutes
    )


def _reasons(language: str) -> str:
    options = "".join(
        f'<option value="{reason}">{escape(say(language, f"reason.{reason}"))}</option>' for reason in REASONS
    )
    return f'<select name="reason" required><option value=""></option>{options}</select>'


def _page(language: str, title: str, body: str) -> str:
    # A preview shows the description in place of the page's text, so that the order is in no foreign cache.
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex,nofollow,noarchive"><meta property="og:title" content="…">'
        f'<meta property="og:description" content="{escape(say(language, "open"))}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main>{body}</main></html>"
    )
