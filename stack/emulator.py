"""MiniStack, an emulator of AWS, on a free port of the loopback interface. All that it holds is gone when it stops."""

import hashlib
import json
import shutil
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Self

import boto3

from stack import children, ports
from stack.mariadb import CannotStart

REGION = "us-east-1"
PROGRAM = Path(__file__).with_name("emulate.py")
START_SECONDS = 300.0
TRIES = 3


class Emulator:
    """`basis` names what its workers keep for their life (packages, the database's address): another basis, or another
    program here that runs it, another emulator."""

    def __init__(self, root: Path, *, basis: str = "") -> None:
        self.root, self.basis = root, hashlib.sha256(PROGRAM.read_bytes() + basis.encode()).hexdigest()
        self.folder, self.log, self.record = root / "ministack", root / "ministack.log", root / "ministack.json"

    @property
    def port(self) -> int:
        return int((self.root / "ministack.port").read_text())

    @property
    def endpoint(self) -> str:
        # An address, not a name: with a name the SDK asks for bucket.localhost, which does not resolve.
        return f"http://{ports.LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which any AWS client talks to this emulator alone."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - it takes any
        )

    def running(self) -> bool:
        return children.find(self.record) is not None and self._noted_basis() == self.basis and self._answers()

    def start(self) -> bool:
        """Bring it up unless it runs already; True if this call started it. Raises CannotStart."""
        if self.running():
            return False
        self.stop()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return True

    def stop(self) -> None:
        with children.undisturbed():
            children.stop(self.record, patience=10)
            shutil.rmtree(self.folder, ignore_errors=True)  # it leaves its workers' code behind

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> None:
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        for _ in range(TRIES):
            port = ports.keep(self.root, "ministack")
            child = children.start(
                self.record, [sys.executable, "-P", str(PROGRAM)], env=self._settings(), cwd=self.folder, log=self.log
            )
            if self._wait(child):
                (self.folder / "basis").write_text(self.basis)
                return
            if child.alive() or ports.is_free(port):
                break  # it failed by itself; else somebody took the port after we looked: try another
        raise CannotStart(f"MiniStack did not start; the end of {self.log}:\n{children.tail(self.log)}")

    def _settings(self) -> dict[str, str]:
        return children.environment(
            **self.environment,
            GATEWAY_PORT=str(self.port),
            BIND_HOST=ports.LOOPBACK,  # its own choice is every interface
            TMPDIR=str(self.folder / "tmp"),
            S3_DATA_DIR=str(self.folder / "s3"),
            STATE_DIR=str(self.folder / "state"),
            IOT_MTLS_ENABLED="0",  # would open port 8883
            SFTP_ENABLED="0",
            DOCKER_HOST="unix:///nonexistent",  # it would remove containers that other MiniStacks left in Docker
        )

    def _wait(self, child: children.Child) -> bool:
        until = time.monotonic() + START_SECONDS
        while child.alive() and time.monotonic() < until:
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        try:
            with _direct.open(f"{self.endpoint}/_ministack/ready", timeout=5) as reply:
                return bool(json.load(reply)["status"] == "completed")
        except (OSError, ValueError, KeyError):
            return False

    def _noted_basis(self) -> str:
        try:
            return (self.folder / "basis").read_text()
        except FileNotFoundError:
            return ""


# A proxy that the environment names cannot reach our loopback interface.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
