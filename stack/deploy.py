"""osls deploys serverless.yml, the wiring that production gets, into the emulator."""

import contextlib
import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path

from stack import children
from stack.addresses import CHECKOUT
from stack.emulator import REGION, Emulator
from stack.mariadb import CannotStart
from stack.terminal import say

SERVICE = "dumbwaiter"
STAGE = "local"
# Everything that a deploy or a migration reads.
SOURCES = ("serverless.yml", "wiring", "functions", "print_link", "shared", "web", "migrations", "package-lock.json")


def fingerprint(checkout: Path) -> str:
    """Changes when anything changes that the stack is made of."""
    digest = hashlib.sha256()
    for file in sorted(_sources(checkout)):
        digest.update(f"{file.relative_to(checkout)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def deploy(checkout: Path, root: Path, emulator: Emulator) -> dict[str, str]:
    """Deploy and return the outputs of the CloudFormation stack. Raises CannotStart."""
    osls = CHECKOUT / "node_modules/.bin/osls"
    if not osls.exists():
        raise CannotStart("node_modules is missing: `make` installs it, or `npm ci`.")
    record, log = root / "deploy.json", root / "deploy.log"
    environment = children.environment(
        **emulator.environment,
        CI="1",
        SLS_AWS_MONITORING_FREQUENCY="100",  # ms between two looks at the emulator; its own choice is 5 s
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED="1",
        SLS_SCHEMA_CACHE_BASE_DIR=str(CHECKOUT / "node_modules/.cache/osls"),  # its own choice is the home folder
    )
    try:
        with alone(checkout / ".local/deploy.lock"):  # osls keeps its work in .serverless, one for all
            command = [str(osls), "deploy", "--stage", STAGE, "--region", REGION]
            child = children.start(record, command, env=environment, cwd=checkout, log=log)
            failed = children.wait(child, 300) != 0
    finally:
        with children.undisturbed():
            children.stop(record, patience=5)
    if failed:
        raise CannotStart(f"osls deploy failed; the end of {log}:\n{children.tail(log, 40)}")
    [stack] = emulator.client("cloudformation").describe_stacks(StackName=f"{SERVICE}-{STAGE}")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """One at a time on this machine; the system lets go of the lock if we are killed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another command that holds {file} ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sources(checkout: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = checkout / name
        files = path.rglob("*") if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)
