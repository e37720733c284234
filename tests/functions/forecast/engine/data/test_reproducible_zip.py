"""The same files give the same bytes, in any order."""

import io
import zipfile

import numpy as np

from functions.forecast.engine.data.reproducible_zip import array_bytes, zipped


def test_the_order_of_files_does_not_change_the_bytes() -> None:
    archive = zipped({"b": b"2", "a": b"1"})
    assert archive == zipped({"a": b"1", "b": b"2"})
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        assert {name: content.read(name) for name in content.namelist()} == {"a": b"1", "b": b"2"}


def test_an_array_is_unchanged_by_its_bytes() -> None:
    values = np.array([[1.5, np.nan]])
    np.testing.assert_array_equal(np.load(io.BytesIO(array_bytes(values)), allow_pickle=False), values)
