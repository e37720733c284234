"""A real Matrix server, Synapse, on loopback with SQLite. `make synapse` installs it into .local/synapse."""

import hashlib
import hmac
import itertools
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx

from stack import children, ports
from stack.addresses import ROOT as LOCAL
from stack.mariadb import CannotStart

FOLDER = LOCAL / "synapse"
PYTHON = FOLDER / "venv/bin/python"
SERVER = "chat.test"
MISSING = "Synapse is not installed. Run: make synapse"
START_SECONDS = 180.0
_MANY = {"per_second": 100_000, "burst_count": 100_000}
_OWN: dict[str, Any] = {
    "trusted_key_servers": [],
    "presence": {"enabled": False},
    "bcrypt_rounds": 4,
    "rc_message": _MANY,
    "rc_room_creation": _MANY,
    "rc_login": {"address": _MANY, "account": _MANY},
    "rc_joins": {"local": _MANY},
    "rc_invites": {"per_room": _MANY, "per_user": _MANY, "per_issuer": _MANY},
    "url_preview_enabled": True,
    "url_preview_ip_range_blacklist": ["10.0.0.0/8"],
    "url_preview_ip_range_whitelist": ["127.0.0.1/32"],
}


def installed() -> bool:
    """Whether `make synapse` installed it here."""
    return (FOLDER / "installed").exists() and PYTHON.exists()


@dataclass(frozen=True)
class User:
    """A logged-in user of the server."""

    id: str
    token: str
    server: str

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """A request to the client API below /_matrix/client/v3. Raises httpx.HTTPStatusError."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.server}/_matrix/client/v3{path}"
        reply = httpx.request(method, url, json=body, params=query, headers=headers, timeout=60, trust_env=False)
        reply.raise_for_status()
        return reply.json()

    def make_room(self, *guests: "User") -> str:
        """A room in which the guests are members; its id."""
        room: str = self.call(
            "POST", "/createRoom", {"preset": "private_chat", "invite": [guest.id for guest in guests]}
        )["room_id"]
        for guest in guests:
            guest.call("POST", f"/join/{quote(room)}", {})
        return room

    def texts(self, room: str) -> list[str]:
        """Texts of the last messages of a room, oldest first."""
        chunk = self.call("GET", f"/rooms/{quote(room)}/messages", dir="b", limit="100")["chunk"]
        return [event["content"]["body"] for event in reversed(chunk) if event["type"] == "m.room.message"]

    def write(self, room: str, text: str) -> str:
        """A message of this user; its event id."""
        key = f"t{next(_KEYS)}-{time.monotonic_ns()}"
        body = {"msgtype": "m.text", "body": text}
        event: str = self.call("PUT", f"/rooms/{quote(room)}/send/m.room.message/{key}", body)["event_id"]
        return event

    def react(self, room: str, event: str, key: str) -> None:
        """A reaction of this user to a message."""
        relation = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": key}}
        self.call("PUT", f"/rooms/{quote(room)}/send/m.reaction/t{next(_KEYS)}-{time.monotonic_ns()}", relation)

    def read(self, room: str, event: str) -> None:
        """A read receipt of this user."""
        self.call("POST", f"/rooms/{quote(room)}/receipt/m.read/{quote(event)}", {})

    def leave(self, room: str) -> None:
        self.call("POST", f"/rooms/{quote(room)}/leave", {})


_KEYS = itertools.count(1)


@dataclass(frozen=True)
class Service:
    """An application service: the robot, its tokens, and the address that takes the server's transactions."""

    url: str
    robot: str = "orders"
    token: str = "as-token-1"
    server_token: str = "hs-token-1"

    def registration(self) -> str:
        """The file that the server reads. JSON is YAML."""
        names = {"users": [{"exclusive": False, "regex": f"@{self.robot}:.*"}], "rooms": [], "aliases": []}
        return json.dumps(
            {
                "id": "outlets", "url": self.url, "as_token": self.token, "hs_token": self.server_token,
                "sender_localpart": self.robot, "namespaces": names, "rate_limited": False, "receive_ephemeral": True,
                "de.sorunome.msc2409.push_ephemeral": True,
            }
        )  # fmt: skip


class Synapse:
    """A server with its database in `root`. `service` is an application service that it knows."""

    def __init__(self, root: Path, service: Service | None = None) -> None:
        self.root, self._service = root / "synapse", service
        self.port = 0
        self._secret = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Raises CannotStart."""
        if not installed():
            raise CannotStart(MISSING)
        self.root.mkdir(parents=True, exist_ok=True)
        self.port = ports.keep(self.root, "synapse")
        options = _configured(self.root, self.port, self._service)
        command = [str(PYTHON), "-m", "synapse.app.homeserver", *options]
        self._secret = _shared_secret(self.root / "base.yaml")
        log = self.root / "synapse.log"
        child = children.start(self._record, command, env=children.environment(), cwd=self.root, log=log)
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if not child.alive() or time.monotonic() > until:
                children.stop(self._record)
                raise CannotStart(f"Synapse did not start.\n{children.tail(log)}")
            time.sleep(0.1)
        return self

    @property
    def _record(self) -> Path:
        return self.root / "synapse.json"

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_matrix/client/versions", timeout=10, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def close(self) -> None:
        children.stop(self._record, patience=20)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def robot(self) -> User:
        """The robot of the application service."""
        if not self._service:
            raise ValueError("This server has no application service.")
        return User(f"@{self._service.robot}:{SERVER}", self._service.token, self.url)

    def user(self, name: str, password: str = "owner-pass-1") -> User:  # noqa: S107 - of a server that ends with its test
        """Register a user by the server's shared secret."""
        path = f"{self.url}/_synapse/admin/v1/register"
        nonce = httpx.get(path, timeout=30, trust_env=False).json()["nonce"]
        text = f"{nonce}\0{name}\0{password}\0notadmin".encode()
        mac = hmac.new(self._secret.encode(), text, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": mac}
        reply = httpx.post(path, json=body, timeout=60, trust_env=False)
        reply.raise_for_status()
        return User(reply.json()["user_id"], reply.json()["access_token"], self.url)


@contextmanager
def synapse(root: Path, service: Service | None = None) -> Iterator[Synapse]:
    """A server that ends with the block. Raises CannotStart."""
    with Synapse(root, service) as server:
        yield server


def _configured(folder: Path, port: int, service: Service | None) -> list[str]:
    """The options that name its two files of settings; the first start makes them."""
    base, own = folder / "base.yaml", folder / "own.yaml"
    if not base.exists():
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "--server-name", SERVER, "--config-path", str(base)]
        command += ["--generate-config", "--report-stats=no", "--data-directory", str(folder)]
        outcome = subprocess.run(
            command, cwd=folder, env=children.environment(), check=False, capture_output=True, text=True
        )
        if outcome.returncode:
            raise CannotStart(f"Synapse could not make its settings.\n{outcome.stderr[-2000:]}")
        base.write_text(_without_listeners(base.read_text(encoding="utf-8")), encoding="utf-8")
    resources = [{"names": ["client"]}]
    listener = {"port": port, "type": "http", "bind_addresses": ["127.0.0.1"], "tls": False, "resources": resources}
    services = [str(folder / "service.yaml")] if service else []
    if service:
        (folder / "service.yaml").write_text(service.registration(), encoding="utf-8")
    settings = {**_OWN, "listeners": [listener], "app_service_config_files": services}
    own.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML
    return ["-c", str(base), "-c", str(own)]


def _without_listeners(text: str) -> str:
    return re.sub(r"^listeners:\n(?:[ #-].*\n)+", "", text, flags=re.MULTILINE)


def _shared_secret(base: Path) -> str:
    match = re.search(r'^registration_shared_secret: "?(.*?)"?$', base.read_text(encoding="utf-8"), re.MULTILINE)
    if not match:
        raise CannotStart("Synapse's settings have no registration_shared_secret.")
    return match[1]
