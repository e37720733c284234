"""Secrets Manager."""

import json
from typing import Any

from shared.spine.aws.calls import SignedCalls


class Secrets(SignedCalls):
    """Reads secrets."""

    def secret(self, name: str) -> dict[str, Any]:
        """The JSON of a secret. Raises `Unavailable`, or `Misconfigured` when the role may not read it."""
        answer = self.call("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": name}, "1.1")
        secret: dict[str, Any] = json.loads(answer["SecretString"])
        return secret
