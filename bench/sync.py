"""Sales to an ERP: our overhead beside a bare loop, runs over a large ledger, memory, and a comparison of a year."""

import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self
from unittest import mock

import httpx

from bench.figures import Figure, at_least, at_most, limited, seconds, told
from bench.rig import Rig
from functions.sync import api as sync_api
from functions.sync.adapters import rest
from functions.sync.documents.document import Document, Kind, Tender
from functions.sync.engine import send
from functions.sync.engine.batches import Writer
from functions.sync.engine.plan import plan_changes
from functions.sync.engine.sales_plan import SALES
from functions.sync.engine.translation import Codes, translated
from functions.sync.reconciliation.comparison import Comparison, Entry, compare
from functions.sync.states import Flow
from functions.sync.tables.flows import read_enabled
from ops.migrate import open_database
from shared.spine import entry
from shared.spine.env import Environment
from shared.spine.http import app_maker
from shared.spine.settings import Settings
from stack.addresses import CHECKOUT
from stack.gateway_event import Context, answer_of
from tests.simulators.erp_program import ErpProgram
from tests.support.sync_documents import BASE, intend, sale_documents

SYSTEM, TARGET = "demo:erp", "/v1/sync/systems/erp"
PAIRS, DOCUMENTS, BATCH = 7, 1_000, 100
SMALL, LARGE, CHANGED = 100_000, 1_000_000, 200
FEW, MANY, MOST_MEGABYTES = 1_000, 10_000, 256
STORES, DAYS, TENDERS, MOST_SECONDS = 140, 400, 6, 60
SAME = Codes({}, frozenset({"stores", "items", "tenders", "taxes", "units"}))
OPEN_ENDED = timedelta(hours=1)
# Digits by a join: a million rows in one statement, without a file.
DIGITS = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
FILL = f"""
    INSERT INTO sync_documents (system_key, flow, source_key, revision, group_key, kind, store_id, day, goal, state,
        payload_hash, target_id, currency, net, tax, gross, attempts, next_at, created_at, done_at)
    SELECT 'demo:erp', 'push_sales', CONCAT('S', LPAD(n, 26, '0')), 1, LPAD(n, 26, '0'), 'sale', 'demo:s1',
        '2026-01-01', 'post', 'done', REPEAT('x', 32), n, 'CNY', 100, 6, 106, 1, '2026-01-01', '2026-01-01',
        '2026-01-01'
    FROM (
        SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d AS n
        FROM ({DIGITS}) a JOIN ({DIGITS}) b JOIN ({DIGITS}) c JOIN ({DIGITS}) e JOIN ({DIGITS}) f JOIN ({DIGITS}) g
    ) numbers WHERE n >= %(first)s AND n < %(end)s"""  # noqa: S608 - of constants


def bench(rig_of: Callable[[], Rig]) -> Iterator[Figure]:
    """Each part has an ERP in a process of its own, and a database of its own."""
    with tempfile.TemporaryDirectory(prefix="dumbwaiter-bench-erp-") as folder:
        yield from _overhead(rig_of(), Path(folder))
        yield from _unchanged(rig_of(), Path(folder))
        yield from _memory(rig_of, Path(folder))
    yield from _comparison()


def _overhead(rig: Rig, folder: Path) -> Iterator[Figure]:
    """Documents that are due are sent; the floor posts the same payloads in the same batches."""
    values, floors, kept = [], [], []
    with _erp(folder / "overhead") as erp:
        env = _connected(rig, erp)
        for pair in range(PAIRS + 1):
            documents = sale_documents(f"pair{pair}", DOCUMENTS)
            bare = DOCUMENTS / seconds(_post_bare, erp, documents)
            intend(env, SYSTEM, documents)
            with _Spent() as spent:
                ours = DOCUMENTS / seconds(_send, env)
            if pair:  # the first warms up
                floors.append(bare)
                values.append(ours)
                kept.append(1000 * spent[0] / (DOCUMENTS / BATCH))
        env.close()
    yield at_least("sync.documents", "documents/s", values, floors, 0.8)
    yield told("sync.checkpoint", sorted(kept)[len(kept) // 2], "ms a batch of 100", "claim, mark and confirm")


class _Spent(list[float]):
    """Seconds in the transactions of the ledger, as a context."""

    def __init__(self) -> None:
        super().__init__([0.0])
        self._patch = mock.patch.object(Writer, "store_and_claim", self._timed(Writer.store_and_claim))

    def _timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **named: Any) -> Any:
            began_at = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                self[0] += time.perf_counter() - began_at

        return timed

    def __enter__(self) -> Self:
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()


def _unchanged(rig: Rig, folder: Path) -> Iterator[Figure]:
    """A run that finds and sends the same number of changed documents, over ledgers of two sizes."""
    with _erp(folder / "unchanged") as erp:
        env = _connected(rig, erp)
        took: list[list[float]] = []
        for size in (SMALL, LARGE):
            _fill(rig, size)
            took.append([_run(env, f"run{size}-{number}") for number in range(6)][1:])
        env.close()
    small, large = ([1000 * each for each in some] for some in took)
    note = f"{CHANGED} changed documents beside {LARGE:,} unchanged ones; the floor has {SMALL:,}"
    yield replace(at_most("sync.unchanged", "ms a run", large, small, 1.3), note=note)


def _run(env: Environment, name: str) -> float:
    documents = sale_documents(name, CHANGED)

    def run() -> None:
        with env.db.transaction() as transaction:
            [flow] = read_enabled(transaction, Flow.PUSH_SALES)
        plan_changes(env, flow, env.clock() + OPEN_ENDED, SALES)
        intend(env, SYSTEM, documents)
        _send(env)

    return seconds(run)


def _fill(rig: Rig, size: int) -> None:
    first = int(rig.count("SELECT COUNT(*) FROM sync_documents WHERE source_key < 'S1'"))
    connection = open_database(rig.url)
    with connection.cursor() as cursor:
        for start in range(first, size, 50_000):
            cursor.execute(FILL, {"first": start, "end": min(start + 50_000, size)})
            connection.commit()
        cursor.execute("ANALYZE TABLE sync_documents")
    connection.close()


def _memory(rig_of: Callable[[], Rig], folder: Path) -> Iterator[Figure]:
    """The most memory of a process that sends, with two numbers of documents."""
    most = []
    for count in (FEW, MANY):
        rig = rig_of()
        with _erp(folder / f"memory{count}") as erp:
            env = _connected(rig, erp)
            for start in range(0, count, 1_000):
                intend(env, SYSTEM, sale_documents(f"memory{start}", 1_000))
            settings = env.settings
            env.close()
            most.append(_in_a_process_of_its_own(settings))
    yield replace(limited("sync.memory", most[1], "MB", MOST_MEGABYTES), note=f"{MANY:,} documents in one run")
    yield told("sync.memory_growth", most[1] - most[0], "MB", f"from {FEW:,} to {MANY:,} documents")


def _in_a_process_of_its_own(settings: Settings) -> float:
    """The peak of a process that has imported this bench alone, as a function imports its own concern alone."""
    program = "import pickle, sys; from bench.sync import most_megabytes"
    program += "; print(most_megabytes(pickle.load(sys.stdin.buffer)))"
    done = subprocess.run(
        [sys.executable, "-c", program], input=pickle.dumps(settings), cwd=CHECKOUT, stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout)


def most_megabytes(settings: Settings) -> float:
    """Send all, and return the peak of this process's memory in MB. It needs Linux.

    `getrusage` is no use: after an exec it still has the peak of the process that forked.
    """
    _send(Environment(settings))
    [line] = [line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def _comparison() -> Iterator[Figure]:
    """Both sides' documents by day, as a reconciliation compares them once they are read."""
    comparison, first = Comparison(), date(2025, 1, 1)
    began_at, clock_began_at = time.process_time(), time.perf_counter()
    for number in range(DAYS):
        day = first + timedelta(days=number)
        compare(_entries(day), _entries(day), comparison)
    took, by_the_clock = time.process_time() - began_at, time.perf_counter() - clock_began_at
    if comparison.cells != STORES * DAYS * TENDERS or comparison.differing:
        raise AssertionError("the comparison is wrong")
    figure = limited("sync.reconcile", took, "s of the processor", MOST_SECONDS)
    note = f"{STORES} stores × {DAYS} days × {TENDERS} tenders; both sides' answers are at hand"
    yield replace(figure, note=f"{note}; {by_the_clock:.0f} s by the clock")


def _entries(day: date) -> list[Entry]:
    return [
        Entry(
            f"{store}-{tender}-{day}", Kind.SALE, f"s{store}", day, "", Decimal(40), 94_340, 5_660, 100_000,
            (Tender(f"t{tender}", 100_000),),
        )
        for store in range(STORES)
        for tender in range(TENDERS)
    ]  # fmt: skip


def _erp(folder: Path) -> ErpProgram:
    folder.mkdir()
    return ErpProgram(folder, BASE)


def _connected(rig: Rig, erp: ErpProgram) -> Environment:
    """An environment of stage local, in which the ERP is a system with the flow of sales."""
    env = Environment(replace(rig.settings, stage="local"))
    handler = entry.http(app_maker("sync", sync_api.OPERATIONS))
    body = {
        "kind": "rest",
        "url": erp.url,
        "credentials": {"user": erp.user, "secret": erp.secret},
        "same_codes": ["stores", "items", "tenders", "taxes", "units"],
    }
    for target, document in ((TARGET, body), (f"{TARGET}/flows/push_sales", {})):
        with mock.patch.object(entry, "environment", return_value=env):
            reply = answer_of(handler(rig.event("PUT", f"{target}?chain=demo", document), Context()))
        if reply.status != httpx.codes.OK:
            raise AssertionError(reply.text)
    return env


def _post_bare(erp: ErpProgram, documents: Sequence[Document]) -> None:
    """Payloads as ours, with nothing around them."""
    with httpx.Client(base_url=erp.url, trust_env=False) as client:
        token = client.post("/v1/session", json={"user": erp.user, "secret": erp.secret}).json()["token"]
        headers = {"authorization": f"Bearer {token}"}
        for start in range(0, len(documents), BATCH):
            part = [
                rest._document(translated(document, f"bare-{document.source_key}", SAME, None))  # noqa: SLF001
                for document in documents[start : start + BATCH]
            ]
            reply = client.post("/v1/documents", json={"documents": part}, headers=headers)
            if any(result["status"] != "posted" for result in reply.json()["results"]):
                raise AssertionError(reply.text[:500])


def _send(env: Environment) -> None:
    sent = send.send_due(env, SYSTEM, env.clock() + OPEN_ENDED)
    if sent.failure or sent.parked or not sent.documents:
        raise AssertionError(str(sent))
