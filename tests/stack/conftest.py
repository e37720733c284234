from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def no_database_given() -> Iterator[None]:
    """What is tried here is the private database, whatever the person who runs the tests has set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        yield
