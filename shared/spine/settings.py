"""The settings of a function: only this module reads environment variables."""

import os
import sys
from dataclasses import dataclass, field

from shared.spine.errors import Misconfigured

# pydantic looks for plugins of its own in every installed package's metadata: 35 ms of a cold start, and we have none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


@dataclass(frozen=True)
class Settings:
    """Names and addresses; secrets are read from Secrets Manager by these names.

    `origin_secret` is what the CDN sends with each request. It gives no access: it tells whose address to count.
    """

    stage: str
    database_secret: str
    keyring_secret: str
    events_topic: str
    dead_letter_queue: str
    max_receives: int
    region: str
    url_suffix: str
    aws_endpoint: str
    websocket_api: str = ""
    models_bucket: str = ""
    exports_bucket: str = ""
    drops_bucket: str = ""
    proofs_bucket: str = ""
    watched_prefix: str = ""
    dual_stack_suffix: str = ""
    called_function: str = ""
    overlaps: bool = False
    console_domain: str = ""
    origin_secret: str = field(default="", repr=False)

    @property
    def websocket_address(self) -> str:
        """Of the WebSocket API's stage, with https or, on the emulator, http."""
        if self.aws_endpoint:
            return f"{self.aws_endpoint}/_aws/execute-api/{self.websocket_api}/{self.stage}"
        return f"https://{self.websocket_api}.execute-api.{self.region}.{self.url_suffix}/{self.stage}"

    @property
    def websocket_url(self) -> str:
        """The address that a WebSocket connects to: wss or, on the emulator, ws."""
        return f"ws{self.websocket_address.removeprefix('http')}"


def read_settings() -> Settings:
    """Read once per execution environment. Raises `Misconfigured` for what no function can do without.

    A setting that only some functions have, such as the database, is checked when it is used.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "")
    settings = Settings(
        stage=os.environ.get("STAGE", ""),
        database_secret=os.environ.get("DATABASE_SECRET", ""),
        keyring_secret=os.environ.get("KEYRING_SECRET", ""),
        events_topic=os.environ.get("EVENTS_TOPIC_ARN", ""),
        dead_letter_queue=os.environ.get("DEAD_LETTER_QUEUE_URL", ""),
        max_receives=int(os.environ.get("MAX_RECEIVES", "6")),
        region=region,
        url_suffix=os.environ.get("AWS_URL_SUFFIX", ""),
        aws_endpoint=os.environ.get("AWS_ENDPOINT_URL", ""),
        websocket_api=os.environ.get("WEBSOCKET_API_ID", ""),
        models_bucket=os.environ.get("MODELS_BUCKET", ""),
        exports_bucket=os.environ.get("EXPORTS_BUCKET", ""),
        drops_bucket=os.environ.get("DROPS_BUCKET", ""),
        proofs_bucket=os.environ.get("PROOFS_BUCKET", ""),
        watched_prefix=os.environ.get("WATCHED_PREFIX", ""),
        dual_stack_suffix=os.environ.get("AWS_DUAL_STACK_SUFFIX", ""),
        called_function=os.environ.get("CALLED_FUNCTION", ""),
        overlaps=bool(os.environ.get("OVERLAPS")),
        console_domain=os.environ.get("CONSOLE_DOMAIN", ""),
        origin_secret=os.environ.get("ORIGIN_TOKEN", ""),
    )
    for name in ("stage", "region"):
        if not getattr(settings, name):
            raise Misconfigured("setting_missing", f"the function's environment lacks {name.upper()}")
    return settings


def container_credentials() -> tuple[str, str]:
    """(address, token) of the credentials endpoint that SnapStart environments have in place of keys."""
    return (
        os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""),
        os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", ""),
    )


def environment_credentials() -> tuple[str, str, str]:
    """(access key id, secret access key, session token) of the function's role; empty where there are none."""
    return (
        os.environ.get("AWS_ACCESS_KEY_ID", ""),
        os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        os.environ.get("AWS_SESSION_TOKEN", ""),
    )


def program_environment() -> dict[str, str]:
    """For a program that a function starts: where Python and the packages are, and no credentials."""
    places = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PATH") if name in os.environ}
    return places | {"PYTHONPATH": os.pathsep.join(sys.path)}
