"""The @connections API of a WebSocket API."""

from http import HTTPStatus
from urllib.parse import quote

from shared.spine.aws.calls import SignedCalls, refused


class WebSocket(SignedCalls):
    """Sends frames over connections, and closes them."""

    def push(self, connection: str, text: str) -> bool:
        """Send a text frame over a connection. False when the connection is closed."""
        return self._manage("POST", connection, text.encode()) != HTTPStatus.GONE

    def hang_up(self, connection: str) -> None:
        """Close a connection."""
        self._manage("DELETE", connection, b"")

    def _manage(self, method: str, connection: str, body: bytes) -> int:
        """The status of the call: 2xx, or 410 for a connection that is closed."""
        url = f"{self._settings.websocket_address}/@connections/{quote(connection, safe='')}"
        answer = self._signed(method, "execute-api", url, {}, body)
        if answer.status != HTTPStatus.GONE and answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise refused("execute-api", answer)
        return answer.status
