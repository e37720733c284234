"""Parts as one file, the same bytes for the same parts."""

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPOCH = (1980, 1, 1, 0, 0, 0)


def array_bytes(values: NDArray[Any]) -> bytes:
    """As NumPy writes it, without pickle."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip whose bytes are the same for the same parts: no times, names in order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            # More effort takes a third of a second more of a night, for a tenth of the size.
            archive.writestr(zipfile.ZipInfo(name, EPOCH), parts[name], zipfile.ZIP_DEFLATED, compresslevel=1)
    return buffer.getvalue()
