"""The simulated ERP in a process of its own. Its books lie in a file; they survive its death."""

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from stack import children
from stack.mariadb import CannotStart
from tests.simulators.erp import SECRET, USER
from tests.simulators.erp_books import Books, Total
from tests.support.paths import ROOT

START_SECONDS = 120.0


class ErpProgram:
    """`folder` has its books and its log. `base` is base data as Erp.base takes it, entered at the first start.

    `share` of its requests meets one of `faults`; `seed` decides which. It comes back at the same port.
    """

    user, secret = USER, SECRET

    def __init__(
        self,
        folder: Path,
        base: dict[str, Any] | None = None,
        *,
        seed: int = 1,
        share: float = 0,
        faults: Sequence[str] = (),
    ) -> None:
        self.folder, self.file = folder, folder / "erp.sqlite"
        self._base, self._faults = base, ["--seed", str(seed), "--share", str(share), "--faults", ",".join(faults)]
        self._log, self._record = folder / "erp.log", folder / "erp.json"
        self._books: Books | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def books(self) -> Books:
        """Its books, opened by this process."""
        self._books = self._books or Books(self.file)
        return self._books

    def totals(self, kind: str) -> dict[tuple[str, str, str | None], Total]:
        """As Books.totals."""
        return self.books.totals(kind)

    def start(self) -> Self:
        """Raises CannotStart."""
        command = [sys.executable, "-m", "tests.simulators.erp", "--port", str(self.port), "--file", str(self.file)]
        if self._base is not None and not self.file.exists():
            base = self.folder / "erp-base.json"
            base.write_text(json.dumps(self._base, ensure_ascii=False), encoding="utf-8")
            command += ["--base", str(base)]
        env = children.environment(PYTHONPATH=str(ROOT))
        child = children.start(self._record, [*command, *self._faults], env=env, cwd=ROOT, log=self._log)
        until = time.monotonic() + START_SECONDS
        while "ERP: http://" not in (written := self._log.read_text()):
            if not child.alive() or time.monotonic() > until:
                raise CannotStart(f"The simulated ERP did not start.\n{children.tail(self._log)}")
            time.sleep(0.02)
        self.port = int(written.split("ERP: http://")[1].split()[0].rpartition(":")[2])
        return self

    def kill(self) -> None:
        """It dies without a word; `start` brings it back with its books."""
        child = children.find(self._record)
        if child:
            os.kill(child.pid, signal.SIGKILL)
        children.stop(self._record)

    def close(self) -> None:
        children.stop(self._record, patience=10)
        if self._books:
            self._books.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
