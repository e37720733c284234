"""Kingdee's official SDK (PyPI `kingdee.cdp.webapi.sdk`): the oracle of signatures, and a client of the simulator."""

import json
from typing import Any
from unittest.mock import patch

from k3cloud_webapi_sdk.main import K3CloudApiSdk

from tests.simulators.kingdee_signature import Tenant


def official_client(server: str, tenant: Tenant) -> Any:
    """The SDK, configured for this server and tenant."""
    sdk = K3CloudApiSdk(server)
    organisation = int(tenant.organisation)
    sdk.InitConfig(
        tenant.account, tenant.user, tenant.app, tenant.secret, server, tenant.language, organisation, 10, 10
    )
    return sdk


def official_headers(url: str, tenant: Tenant, now: float) -> dict[str, str]:
    """The headers that the SDK sends with a request to this address at this time (seconds since 1970)."""
    # The SDK reads the clock itself.
    with patch("k3cloud_webapi_sdk.core.webapi_client.time.time", return_value=now):
        headers: dict[str, str] = official_client(url, tenant).BuildHeader(url)
    return headers


def answered(text: str) -> Any:
    """The JSON of an answer; the SDK gives it as a text."""
    return json.loads(text)
