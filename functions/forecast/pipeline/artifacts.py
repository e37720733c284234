"""Model sets and snapshots in object storage, and the version of the code that reads them."""

from functools import cache
from importlib.metadata import version
from pathlib import Path

from functions.forecast import engine
from functions.forecast.engine.data.snapshot import Snapshot, digest
from functions.forecast.engine.models.model_set import ModelSet
from shared.spine.env import Environment

ENGINE = Path(engine.__file__).parent
LIBRARIES = ("chinesecalendar", "holidays", "lightgbm", "lunardate", "numpy", "pandas")


@cache
def code_version() -> str:
    """The version of the engine that this process runs."""
    return version_of(ENGINE)


def version_of(engine_folder: Path) -> str:
    """SHA-256 of every Python file under the folder, with its path, and of the versions of the libraries below it."""
    paths = sorted(path.relative_to(engine_folder).as_posix() for path in engine_folder.rglob("*.py"))
    sources = [path.encode() + b"\0" + (engine_folder / path).read_bytes() for path in paths]
    libraries = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return digest(b"\0".join([*sources, libraries.encode()]))


def keep_set(env: Environment, key: str, models: ModelSet) -> None:
    """Under `key`."""
    env.aws.put_object(env.settings.models_bucket, key, models.dump())


def read_set(env: Environment, key: str) -> ModelSet:
    """What `keep_set` kept."""
    return ModelSet.load(env.aws.get_object(env.settings.models_bucket, key))


def keep_snapshot(env: Environment, chain: str, snapshot: Snapshot) -> str:
    """Its name, which is its content's."""
    content = snapshot.dump()
    name = digest(content)
    env.aws.put_object(env.settings.models_bucket, f"{chain}/snapshots/{name}.zip", content)
    return name


def read_snapshot(env: Environment, chain: str, name: str) -> Snapshot:
    """What `keep_snapshot` kept."""
    return Snapshot.load(env.aws.get_object(env.settings.models_bucket, f"{chain}/snapshots/{name}.zip"))
