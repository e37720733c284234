"""What runs on this machine, seen without the code under test."""

from pathlib import Path


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def mentioning(text: str) -> list[int]:
    """Pids of living processes that have the text in their command line or environment."""
    found = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit() and _says(folder, text)]
    return [pid for pid in found if lives(pid)]


def _says(folder: Path, text: str) -> bool:
    try:
        return text.encode() in (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
    except OSError:
        return False
