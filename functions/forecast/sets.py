"""Model sets and snapshots in object storage, and the version of the code that reads them."""

from functools import cache
from importlib.metadata import version
from pathlib import Path

from functions.forecast.ensemble import ModelSet
from functions.forecast.gathering import Snapshot, digest
from shared.spine.env import Environment

# What decides a forecast, given a set and a snapshot; the rest of this folder only carries it.
CORE = (
    *("archive", "calendars", "closings", "cycles", "ensemble", "explain", "features", "filling", "gathering"),
    *("gradient", "history", "intervals", "mending", "panel", "rolling", "settings", "simple", "tracking", "weights"),
)
LIBRARIES = ("chinesecalendar", "holidays", "lightgbm", "lunardate", "numpy", "pandas")


@cache
def code_version() -> str:
    """SHA-256 of the modules that decide a forecast, and of the versions of what they stand on."""
    here = Path(__file__).parent
    versions = " ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return digest(b"\0".join([*((here / f"{name}.py").read_bytes() for name in CORE), versions.encode()]))


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
