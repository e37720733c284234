"""`make layers` → build/layers/<name>/ holds what the functions import in the cloud, compiled, weighed and tried.

A layer is the folder layers/<name>/ with its pinned requirements.txt, and fonts.txt where it brings fonts, from
node_modules to /opt/fonts; it never holds code of our own.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILT = ROOT / "build" / "layers"
MODULES = ROOT / "node_modules"

CLOUD_PYTHON = "3.12"
# Amazon Linux 2023, which Python 3.12 runs on, has glibc 2.34: wheels for that and for anything older.
CLOUD_PLATFORMS = [f"manylinux{tag}_x86_64" for tag in ("_2_34", "_2_31", "_2_28", "_2_17", "2014")] + ["any"]
UNZIPPED_LIMIT = 250 * 1024 * 1024  # a function and its layers together

# LightGBM's wheel wants the system's OpenMP, which Lambda's has not. A layer's lib/ is on its search path.
BORROWED = {"libgomp.so.1": "*.libs/libgomp-*.so*"}
# What fits and forecasts, tried with real work: importing alone would not load every library.
TRIED = "functions.forecast.train_part"
TRIAL = """
import sys; sys.path[:0] = sys.argv[1:]
from datetime import date
import arro3.io
import numpy as np
from functions.forecast.engine.data import covariates
from functions.forecast.engine.models.model_set import ModelSet
from functions.forecast.engine.models.train import train
from functions.forecast.engine.data.history import History
from functions.forecast.engine.settings import Settings
revenue = np.exp(np.random.default_rng(1).normal(7, 0.1, (4, 200)))
history = History(("a", "b", "c", "d"), date(2025, 1, 1), revenue)
calendar = covariates.build("US", history.stores, history.first_day, date(2025, 12, 31))
small = Settings(rows=4_000, rounds=10, validation_days=(30,))
models = ModelSet.load(train(history, calendar, small, last_day=history.last_day).dump())
forecast = models.forecast(history, calendar, history.last_day)
assert len(forecast) == 120 and 900 < forecast["mean"].mean() < 1_300, forecast["mean"].mean()
loaded = {line.split()[-1] for line in open("/proc/self/maps") if "libgomp" in line and "lib_lightgbm" not in line}
print("OpenMP that was loaded:", *sorted(loaded))
"""

NEVER_NEEDED = [
    *("bin", "**/tests", "**/*.pyi", "**/*.dist-info/RECORD", "**/*.dist-info/INSTALLER"),
    *("**/*.h", "**/*.pxd", "**/*.pyx", "**/*.a", "**/*.po"),  # what is compiled of them is there
]


def main() -> None:
    cloud_python = find_cloud_python()
    for requirements in sorted(ROOT.glob("layers/*/requirements.txt")):
        build(requirements, cloud_python)
    with tempfile.TemporaryDirectory() as scratch:
        functions = package_functions(Path(scratch))
        check_sizes(functions)
        prove_imports(functions, cloud_python, Path(scratch))
        prove_training(functions, cloud_python, Path(scratch))


def find_cloud_python() -> str | None:
    """An interpreter of the cloud's version, whose .pyc files are the cloud's; a shim on the PATH may lead nowhere."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{CLOUD_PYTHON}.*/bin/python"))
    for candidate in [sys.executable, f"python{CLOUD_PYTHON}", *map(str, installed)]:
        try:
            version = subprocess.run([candidate, "-V"], capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            continue
        if version.startswith(f"Python {CLOUD_PYTHON}."):
            return candidate
    return None


def build(requirements: Path, cloud_python: str | None) -> None:
    name = requirements.parent.name
    target = BUILT / name / "python"
    print(f"Layer {name}: installing {requirements.relative_to(ROOT)} for Python {CLOUD_PYTHON} on Linux")
    shutil.rmtree(BUILT / name, ignore_errors=True)
    # pip holds a package to the Python it runs under as well, whatever Python it installs for.
    platforms = [f"--platform={platform}" for platform in CLOUD_PLATFORMS] + ["--ignore-requires-python"]
    install(requirements, target, *platforms, f"--python-version={CLOUD_PYTHON}", "--implementation=cp")
    for path in [path for pattern in NEVER_NEEDED for path in target.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    copy_fonts(requirements.with_name("fonts.txt"), BUILT / name / "fonts")
    if (borrowed := requirements.with_name("borrowed.txt")).exists():
        borrow(borrowed, BUILT / name / "lib", platforms)
    if cloud_python:
        compile_layer(target, cloud_python)
    else:
        print(f"No Python {CLOUD_PYTHON} here: the layer has no .pyc files, so cold starts import 2 to 3 times slower")


def install(requirements: Path, target: Path, *options: str) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--quiet", "--no-compile", "--no-deps"]
    exact = ["--require-hashes", "--only-binary=:all:", f"--requirement={requirements}", f"--target={target}"]
    subprocess.run([*pip, *exact, *options], check=True)


def copy_fonts(listed: Path, target: Path) -> None:
    for pattern in listed.read_text().split() if listed.exists() else []:
        found = list(MODULES.glob(pattern))
        if not found:
            sys.exit(f"node_modules lacks {pattern}: `npm ci` installs it")
        for file in found:
            place = target / file.relative_to(MODULES)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def borrow(requirements: Path, target: Path, platforms: list[str]) -> None:
    """Shared libraries out of a wheel that is not needed otherwise."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        install(requirements, folder, *platforms, f"--python-version={CLOUD_PYTHON}", "--implementation=cp")
        target.mkdir(parents=True)
        for name, pattern in BORROWED.items():
            [found] = folder.glob(pattern)
            shutil.copy(found, target / name)


def compile_layer(target: Path, cloud_python: str) -> None:
    """Each .pyc in its source's place: Lambda's limit is too near for a seventh of text that no interpreter reads."""
    options = ["-q", "-j", "0", "-b", "-s", str(target), "-p", "/opt/python"]
    subprocess.run([cloud_python, "-m", "compileall", *options, str(target)], check=True)
    for source in target.rglob("*.py"):
        source.unlink()


def package_functions(scratch: Path) -> dict[str, tuple[Path, list[str]]]:
    """Of each handler's module an unzipped copy of what its function's zip holds, and its layers."""
    if not MODULES.exists():
        sys.exit("node_modules is missing, so the functions cannot be packed and weighed: `npm ci` installs it")
    subprocess.run(["node", "wiring/compile.js", str(scratch), "prod", "us-east-1"], cwd=ROOT, check=True)
    templates = [json.loads(path.read_text()) for path in scratch.glob("*.json")]
    resources = [resource for template in templates for resource in template["Resources"].values()]
    functions = {}
    for properties in [each["Properties"] for each in resources if each["Type"] == "AWS::Lambda::Function"]:
        name = properties["FunctionName"].removeprefix("dumbwaiter-prod-")
        module = properties["Handler"].removesuffix(".handler").replace("/", ".")
        layers = [arn.split(":")[-2].removeprefix("dumbwaiter-prod-") for arn in properties["Layers"]]
        functions[module] = scratch / "unzipped" / name, layers
        with zipfile.ZipFile(scratch / "zips" / properties["Code"]["S3Key"].rpartition("/")[2]) as archive:
            archive.extractall(functions[module][0])
    return functions


def check_sizes(functions: dict[str, tuple[Path, list[str]]]) -> None:
    layers = {path.name: size(path) for path in BUILT.iterdir()}
    for name, total in layers.items():
        print(f"{total / 2**20:8.1f} MB  layer {name}, unzipped")
    for folder, own in functions.values():
        print(f"{size(folder) / 2**10:8.1f} kB  {folder.name}, unzipped")
        if (together := size(folder) + sum(layers[name] for name in own)) > UNZIPPED_LIMIT:
            sys.exit(f"{folder.name} and its layers are {together:,} bytes unzipped; Lambda takes {UNZIPPED_LIMIT:,}")


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def prove_imports(functions: dict[str, tuple[Path, list[str]]], cloud_python: str | None, scratch: Path) -> None:
    """Imports every handler where there is nothing but its zip, the layers and the standard library."""
    python = cloud_python if cloud_python and sys.platform == "linux" else sys.executable
    layers = dict(importable_layers(scratch, same=python == cloud_python))
    script = "import importlib, sys; sys.path[:0] = sys.argv[2:]; importlib.import_module(sys.argv[1]).handler"
    for module, (folder, own) in functions.items():
        # -I -S: no site-packages, no environment, no working folder; -B: the layer stays as it was built.
        paths = [str(folder), *(str(layers[name]) for name in own)]
        tried = subprocess.run([python, "-I", "-S", "-B", "-c", script, module, *paths], cwd="/", check=False)
        if tried.returncode:
            sys.exit(f"{module} needs more than its zip and the layers")
    print(f"All {len(functions)} handlers import with their zip and the layers alone")


def prove_training(functions: dict[str, tuple[Path, list[str]]], cloud_python: str | None, scratch: Path) -> None:
    """Trains and forecasts where there is nothing but a zip, the layers, their lib/ and the standard library."""
    python = cloud_python if cloud_python and sys.platform == "linux" else sys.executable
    folder, own = functions[TRIED]
    same = python == cloud_python
    layers = [str((BUILT / name / "python") if same else scratch / "layers" / name) for name in own]
    libraries = ":".join(str(BUILT / name / "lib") for name in own)
    command = [python, "-I", "-S", "-B", "-c", TRIAL, str(folder), *layers]
    subprocess.run(command, cwd="/", env={"LD_LIBRARY_PATH": libraries}, check=True)
    print("Trained and forecast with the zip and the layers alone")


def importable_layers(scratch: Path, *, same: bool) -> Iterator[tuple[str, Path]]:
    """The layers as built or, for another Python or system, the same pinned versions installed for this one."""
    for requirements in sorted(ROOT.glob("layers/*/requirements.txt")):
        name = requirements.parent.name
        if same:
            yield name, BUILT / name / "python"
        else:
            install(requirements, scratch / "layers" / name)
            yield name, scratch / "layers" / name


if __name__ == "__main__":
    main()
