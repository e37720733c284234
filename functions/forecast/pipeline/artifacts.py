"""Model sets and snapshots in object storage, and the version of the code that made them."""

from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

from functions.forecast import engine
from functions.forecast.engine.data.snapshot import Snapshot, digest
from functions.forecast.engine.models.champion_challenger import Champion, TrainingResult
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.tables.models import StoredModel
from shared.contracts.ids import new_id
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


def read_champion(env: Environment, stored: StoredModel | None) -> Champion | None:
    """The live model set, unless another code version made it: this one cannot run it."""
    if stored is None or stored.code_version != code_version():
        return None
    full_training_at = date.fromisoformat(stored.parameters["full_training_at"])
    return Champion(read_model_set(env, stored), full_training_at, tuple(stored.parameters["columns"]))


def write_champion(env: Environment, chain: str, batch: int, result: TrainingResult) -> StoredModel:
    """Put the model set into object storage; its row, not yet in the table."""
    models, model_id = result.champion.models, new_id(env.clock())
    key = f"{chain}/models/{model_id}.zip"
    env.aws.put_object(env.settings.models_bucket, key, models.dump())
    return StoredModel(
        id=model_id,
        chain=chain,
        batch=batch,
        trained_to=models.trained_to,
        refreshed_to=models.refreshed_to,
        data_hash=models.data_hash,
        code_version=code_version(),
        parameters={
            "settings": models.settings.document(),
            "seed": models.seed,
            "full_training_at": result.champion.full_training_at.isoformat(),
            "columns": result.champion.columns,
        },
        scores=result.scores,
        object_key=key,
        live=True,
    )


def read_model_set(env: Environment, stored: StoredModel) -> ModelSet:
    """The model set of a row."""
    return ModelSet.load(env.aws.get_object(env.settings.models_bucket, stored.object_key))


def write_snapshot(env: Environment, chain: str, snapshot: Snapshot) -> str:
    """The name of the stored snapshot, which is the hash of its content."""
    content = snapshot.dump()
    name = digest(content)
    env.aws.put_object(env.settings.models_bucket, f"{chain}/snapshots/{name}.zip", content)
    return name


def read_snapshot(env: Environment, chain: str, name: str) -> Snapshot:
    """The snapshot of this name."""
    return Snapshot.load(env.aws.get_object(env.settings.models_bucket, f"{chain}/snapshots/{name}.zip"))
