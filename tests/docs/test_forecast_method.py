"""docs/develop/forecast-method.md names every module of the engine, and no other."""

import re

from tests.support.paths import ROOT

PAGE = (ROOT / "docs/develop/forecast-method.md").read_text(encoding="utf-8")
ENGINE = ROOT / "functions/forecast/engine"


def test_the_table_has_the_modules_of_the_engine() -> None:
    table = PAGE.partition("| Module of `engine/` |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"`([\w/]+\.py)`", table))
    modules = {path.relative_to(ENGINE).as_posix() for path in ENGINE.rglob("*.py")}
    assert listed == {name for name in modules if not name.endswith("__init__.py")}
