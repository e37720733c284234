"""The journal's thread: SQLite gets its calls one after the other, in the order in which they were made."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dumbwaiter_agent.journal import Journal

T = TypeVar("T")


class Disk:
    """`journal` is there once the agent has opened it, and is used inside `call` alone."""

    journal: Journal

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "journal")

    async def call(self, work: Callable[..., T], *arguments: object) -> T:
        """The result of the work, done in the journal's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def close(self) -> None:
        await self.call(self.journal.close)
        self._thread.shutdown()
