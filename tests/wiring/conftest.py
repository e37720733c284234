"""The templates of a stage as production has it, compiled once."""

import pytest

from tests.support.compiled import ALARMED, IN_A_VPC, ROOT, Compiled, compile_stage


@pytest.fixture(scope="session")
def prod() -> Compiled:
    return compile_stage(ROOT, **IN_A_VPC, **ALARMED)
