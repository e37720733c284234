"""Lambda: a function calls another function of its concern, and waits for its result."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from shared.spine.aws.calls import SignedCalls, refused
from shared.spine.errors import Unavailable


class Functions(SignedCalls):
    """Calls functions."""

    def invoke(self, name: str, document: dict[str, Any]) -> dict[str, Any]:
        """The result of a function. Raises `Unavailable` when it has none: it failed, or its answer was lost."""
        url = f"{self._address('lambda')}/2015-03-31/functions/{quote(name, safe='')}/invocations"
        answer = self._signed(
            "POST", "lambda", url, {"content-type": "application/json"}, json.dumps(document).encode()
        )
        if answer.status != HTTPStatus.OK:
            raise refused("lambda", answer)
        result = json.loads(answer.body)
        # The status of a function that failed is 200, too; its body names the error.
        if not isinstance(result, dict) or "result" not in result:
            raise Unavailable("function_failed", f"{name} gave no result")
        called: dict[str, Any] = result["result"]
        return called
