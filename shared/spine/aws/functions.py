"""Lambda: a function calls another function of its concern and waits for its result, or starts a timer."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from shared.spine.aws.calls import Answer, SignedCalls, refused
from shared.spine.errors import Unavailable


class Functions(SignedCalls):
    """Calls functions."""

    def invoke(self, name: str, document: dict[str, Any]) -> dict[str, Any]:
        """The result of a function. Raises `Unavailable` when it has none: it failed, or its answer was lost."""
        answer = self._invoke(name, document, {}, HTTPStatus.OK)
        result = json.loads(answer.body)
        # The status of a function that failed is 200, too; its body names the error.
        if not isinstance(result, dict) or "result" not in result:
            raise Unavailable("function_failed", f"{name} gave no result")
        called: dict[str, Any] = result["result"]
        return called

    def start(self, name: str, document: dict[str, Any]) -> None:
        """Start a function, and do not wait for it. Raises `Unavailable` or `Misconfigured` when it was not started."""
        self._invoke(name, document, {"x-amz-invocation-type": "Event"}, HTTPStatus.ACCEPTED)

    def _invoke(self, name: str, document: dict[str, Any], headers: dict[str, str], expected: HTTPStatus) -> Answer:
        url = f"{self._address('lambda')}/2015-03-31/functions/{quote(name, safe='')}/invocations"
        headers = {"content-type": "application/json", **headers}
        answer = self._signed("POST", "lambda", url, headers, json.dumps(document).encode())
        if answer.status != expected:
            raise refused("lambda", answer)
        return answer
