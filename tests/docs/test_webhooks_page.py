"""docs/api/webhooks.md: both programs verify what the product signs, and refuse everything else."""

import base64
import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.webhooks.signing.signature import new_secret, shown_secret, signed_headers
from tests.support.paths import ROOT

PAGE = (ROOT / "docs/api/webhooks.md").read_text(encoding="utf-8")
BODY = '{"id": "01M8", "data": {"name": "Ā😀"}}'.encode()


def program(language: str) -> str:
    [text] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(text)


def by_python(secret: str, headers: dict[str, str], body: bytes) -> bool:
    names: dict[str, Any] = {}
    exec(compile(program("python"), "webhooks.md", "exec"), names)  # noqa: S102 - the page is ours
    return bool(names["verified"](secret, headers, body))


def by_javascript(secret: str, headers: dict[str, str], body: bytes) -> bool:
    content = base64.b64encode(body).decode()
    call = f"verified({json.dumps(secret)}, {json.dumps(headers)}, Buffer.from('{content}', 'base64'))"
    script = f"{program('javascript')}\nconsole.log({call});"
    done = subprocess.run(["node", "-e", script], check=True, capture_output=True, text=True)
    return done.stdout == "true\n"


@pytest.mark.parametrize("verify", [by_python, by_javascript])
def test_the_program_of_the_page_verifies_a_request_and_refuses_a_forged_one(verify: Any) -> None:
    former, present, foreign = new_secret(), new_secret(), new_secret()
    now = datetime.now(UTC)
    headers = signed_headers("01M8J9KY00FSGS55BSE92F2JJ8", BODY, [present, former], now)
    assert verify(shown_secret(present), headers, BODY)
    assert verify(shown_secret(former), headers, BODY)
    assert not verify(shown_secret(foreign), headers, BODY)
    assert not verify(shown_secret(present), headers, BODY + b" ")
    assert not verify(shown_secret(present), headers | {"webhook-id": "another"}, BODY)
    for moment in (now - timedelta(minutes=6), now + timedelta(minutes=6)):
        stale = signed_headers("01M8J9KY00FSGS55BSE92F2JJ8", BODY, [present], moment)
        assert not verify(shown_secret(present), stale, BODY)
