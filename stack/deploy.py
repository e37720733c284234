"""osls compiles each concern as production gets it, and CloudFormation's API makes the stacks in the emulator."""

import contextlib
import fcntl
import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from stack import children
from stack.addresses import CHECKOUT
from stack.cloudformation import SPINE, STAGE, Stacks
from stack.concerns import find_concerns
from stack.emulator import REGION, Emulator
from stack.mariadb import CannotStart
from stack.terminal import say

# Everything that a deploy or a migration reads.
SOURCES = (
    *("serverless.yml", "spine.yml", "package-lock.json"),
    *("wiring", "functions", "print_link", "shared", "web", "migrations"),
)
COMPILE_SECONDS = 300.0


def fingerprint(checkout: Path) -> str:
    """Changes when anything changes that the stacks are made of."""
    digest = hashlib.sha256()
    for file in sorted(_sources(checkout)):
        digest.update(f"{file.relative_to(checkout)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Deployed:
    """The result of a deploy: outputs by stack, and the stacks that changed."""

    outputs: dict[str, dict[str, str]]
    changed: tuple[str, ...]


def deploy(checkout: Path, templates: dict[str, str], emulator: Emulator) -> Deployed:
    """Create, update or delete each stack. `templates` are those of `compile_stacks`."""
    templates = dict(templates)
    stacks = Stacks(emulator)
    spine_changed = stacks.put(SPINE, templates.pop(SPINE))
    stacks.upload(_compiled(checkout) / "zips", templates)
    for stack in stacks.names() - {SPINE} - set(templates):
        stacks.delete(stack)
    # The emulator asks the queues in the order in which their mappings were made: first those that wait for no batch.
    order = sorted(templates, key=lambda stack: '"MaximumBatchingWindowInSeconds": 0' not in templates[stack])
    with ThreadPoolExecutor(max_workers=4) as pool:
        changes = list(pool.map(lambda stack: stacks.put(stack, templates[stack]), order))
    changed = [SPINE] * spine_changed + [stack for stack, is_changed in zip(order, changes, strict=True) if is_changed]
    return Deployed({stack: stacks.outputs(stack) for stack in (SPINE, *order)}, tuple(changed))


@contextlib.contextmanager
def compiling(checkout: Path, root: Path) -> Iterator[Future[dict[str, str]]]:
    """The result of `compile_stacks`, which runs meanwhile: half of a deploy's time is osls."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            yield pool.submit(compile_stacks, checkout, root)
        except BaseException:
            with children.undisturbed():
                children.stop(root / "deploy.json", patience=5)
            raise


def compile_stacks(checkout: Path, root: Path) -> dict[str, str]:
    """The template of each stack by its name. Stacks of one checkout share what is compiled. Raises CannotStart."""
    if not (CHECKOUT / "node_modules/.bin/osls").exists():
        raise CannotStart("node_modules is missing: `make` installs it, or `npm ci`.")
    record, log, folder = root / "deploy.json", root / "deploy.log", _compiled(checkout)
    script = str(CHECKOUT / "wiring/compile.js")
    command = ["node", script, str(folder), STAGE, REGION, f"--tree={checkout}"]
    with alone(checkout / ".local/compile.lock"):
        try:
            child = children.start(record, command, env=children.environment(), cwd=checkout, log=log)
            failed = children.wait(child, COMPILE_SECONDS) != 0
        finally:
            with children.undisturbed():
                children.stop(record, patience=5)
        if failed:
            raise CannotStart(f"osls cannot compile the stacks; the end of {log}:\n{children.tail(log, 40)}")
        return {stack: (folder / f"{stack}.json").read_text() for stack in (SPINE, *find_concerns(checkout))}


def _compiled(checkout: Path) -> Path:
    return checkout / ".local/compiled" / STAGE


@contextlib.contextmanager
def alone(file: Path, refusal: str = "") -> Iterator[None]:
    """One at a time on this machine; the system lets go of the lock if we are killed.

    With a `refusal` a second one does not wait: it raises `CannotStart` with these words.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if refusal:
                raise CannotStart(refusal) from None
            say(f"Waiting for another command that holds {file} ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sources(checkout: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = checkout / name
        files = path.rglob("*") if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)
