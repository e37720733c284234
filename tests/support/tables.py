"""Owners of tables, as the migrations name them."""

import re

from tests.support.paths import ROOT

CREATED = re.compile(r"(?:^-- owner: (?P<owner>\w+)\n)?^CREATE TABLE (?:IF NOT EXISTS )?`?(?P<table>\w+)", re.MULTILINE)
DROPPED = re.compile(r"^DROP TABLE (?:IF EXISTS )?`?(\w+)", re.MULTILINE)
RENAMED = re.compile(r"(?:^RENAME TABLE|,)\s+`?(\w+)`? TO `?(\w+)`?", re.MULTILINE)


def owners() -> dict[str, str]:
    """Concern by table. `-- owner:` in the first line of a migration holds for its tables; directly above a
    CREATE TABLE it holds for that table alone.
    """
    tables: dict[str, str] = {}
    for path in sorted((ROOT / "migrations").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        [of_file] = re.findall(r"\A-- owner: (\w+)$", text, re.MULTILINE)
        for match in CREATED.finditer(text):
            tables[match["table"]] = match["owner"] or of_file
        for before, after in RENAMED.findall(text):
            if before in tables:
                tables[after] = tables.pop(before)
        for table in DROPPED.findall(text):
            tables.pop(table, None)
    return tables
