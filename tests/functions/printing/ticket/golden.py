"""The bytes that were reviewed: `python -m tests.functions.printing.ticket.golden` writes them anew, to be looked at.

Every encoding has one; pictures differ with the version of the font's renderer, so that they are few and small.
"""

from pathlib import Path

from functions.printing.ticket.render import render
from tests.functions.printing.ticket.samples import SAMPLES, profile

FOLDER = Path(__file__).parent / "golden"
# Dots of the paper by ticket and encoding.
GOLDENS = {
    ("pages", "cp437"): 576,
    ("pages", "cp850"): 384,
    ("pages", "cp852"): 576,
    ("pages", "cp858"): 384,
    ("pages", "cp866"): 576,
    ("pages", "cp1252"): 384,
    ("kitchen", "utf8"): 576,
    ("dishes", "gb18030"): 576,
    ("dishes", "gbk"): 384,
    ("packing", "gb18030"): 576,
    ("label", "gbk"): 384,
    ("dishes", "big5"): 576,
    ("dishes", "utf8"): 384,
    ("receipt", "cp437"): 384,
    ("cancellation", "raster"): 384,
    ("kitchen", "raster"): 384,
}


def write() -> None:
    """One file a ticket and encoding."""
    FOLDER.mkdir(exist_ok=True)
    for (name, encoding), dots in GOLDENS.items():
        (FOLDER / f"{name}.{encoding}.escpos").write_bytes(render(SAMPLES[name], profile(encoding, dots)))


if __name__ == "__main__":
    write()
