"""What a technician types, as programs of their own."""

import asyncio
import os
import subprocess
import sys
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

from dumbwaiter_agent import config
from dumbwaiter_agent.check import check
from dumbwaiter_agent.discover import Device, discover, hosts
from dumbwaiter_agent.print_attempt import Patience
from dumbwaiter_agent.printer_connection import Printer as Settings
from dumbwaiter_agent.status import read, report
from tests.simulators.agent_process import AgentProcess, configure
from tests.simulators.printer import Printer
from tests.simulators.relay import Relay
from tests.simulators.tickets import paper_of, ticket, whole
from tests.support.paths import AGENT_PATH
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]


def command(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dumbwaiter_agent", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": AGENT_PATH},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_run_prints_status_tells_and_sigterm_ends_it(tmp_path: Path) -> None:
    async def test() -> None:
        async with Relay() as relay, Printer() as printer:
            path = configure(tmp_path, [relay], {"kitchen": printer.address})
            async with AgentProcess(path) as agent:
                relay.add("j1", ticket("j1"))
                await until(relay.all_final)
                assert whole(paper_of(printer)) == {"j1": 1}
                await until(lambda: report(read(tmp_path / "data"))[1])  # before the next ten seconds are over
                rival = await asyncio.to_thread(command, "--config", path, "run")
                assert (rival.returncode, "does another agent run here?" in rival.stderr) == (1, True)
                assert await agent.stop() == 0
                status = await asyncio.to_thread(command, "--config", path, "status")
                assert "agent agent-1 of store s1" in status.stdout
                assert "job j1 on kitchen: printed (A)" in (tmp_path / "data/agent.log").read_text()

    asyncio.run(test())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file"),
        ("printers = 1", "tables"),
        ("[printers.a]", "a printer's address begins with"),
        ('[printers.a]\naddress = "ftp://x"', "printers.a: ftp://x"),
        ('[printers.a]\naddress = "tcp://"', "tcp://HOST:PORT"),
        ('[printers.a]\naddress = "tcp://x"\nproof = "faith"', "proof is one of"),
        ('[printers.a]\naddress = "tcp://x"\ncolour = "red"', "colour: not known"),
        ('[printers."kitchen 1"]\naddress = "tcp://x"', "printers.kitchen 1: a name is 1 to 64 of"),
        ("[", "agent.toml: "),
        ('data = "."', "not enrolled"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "agent.toml"
    if text is not None:
        path.write_text(text)
    done = command("--config", path, "run")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_every_key_of_the_guide_is_read(tmp_path: Path) -> None:
    guide = (ROOT / "docs/guide/set-up-a-print-agent.md").read_text(encoding="utf-8")
    shown = guide.partition("```toml\n")[2].partition("```")[0]
    found = config.parse(tomllib.loads(shown), tmp_path)
    assert found.unknown == ()
    assert {printer.id for printer in found.printers} == {"kitchen", "bar"}
    assert found.printers[1].proof == "none"


def test_discover_asks_one_question_and_tells_printers_from_the_mute() -> None:
    async def test() -> None:
        async with Printer() as good, Printer() as mute:
            mute.go_mute()
            assert await discover(["127.0.0.1"], port=good.port) == [Device("127.0.0.1", answers=True, online=True)]
            assert await discover(["127.0.0.1"], port=mute.port, seconds=0.2) == [Device("127.0.0.1", answers=False)]
            good.run_out()
            assert await discover(["127.0.0.1"], port=good.port) == [Device("127.0.0.1", answers=True, online=False)]
            assert await discover(["127.0.0.1"], port=1) == []
            assert bytes(good.received) == b"\x10\x04\x01" * 2
            assert bytes(mute.received) == b"\x10\x04\x01"

    asyncio.run(test())


def test_a_network_too_large_to_ask_is_refused() -> None:
    assert len(hosts("10.0.0.0/24")) == 254
    assert hosts("10.0.0.7") == ["10.0.0.7"]
    with pytest.raises(ValueError, match="4096 at most"):
        hosts("10.0.0.0/16")


def test_check_prints_a_page_and_says_what_it_proved() -> None:
    async def test() -> None:
        async with Printer() as printer:
            settings = Settings("kitchen", printer.address, answer=0.2, patience=Patience(0.5, 0.1, 1, 0.1))
            lines, good = await check(settings, "w1")
            assert (lines[-1].startswith("printed: proof by echo"), good) == (True, True)
            assert "TEST w1" in printer.paper[0].text
            printer.go_mute()
            lines, good = await check(settings, "w2", 0.5)
            assert ('set proof = "none"' in lines[-1], good) == (True, False)
            printer.cut_power()
            lines, good = await check(settings, "w3", 0.5)
            assert (lines[-1].startswith("cannot print: unreachable"), good) == (True, False)

    asyncio.run(test())


def test_status_says_whether_the_store_can_print() -> None:
    printer = {"state": "ready", "trouble": None, "proof": "echo", "waiting": 0}
    well = {
        "version": "1",
        "agent": "a",
        "store": "s",
        "at": 100.0,
        "relay": "wss://r",
        "trouble": None,
        "clock_offset": 0.0,
        "role": "printing",
        "printers": {"kitchen": printer},
    }
    assert report(None)[1] is False
    assert report(well, 105.0)[1] is True
    assert report(well, 200.0)[1] is False
    assert report({**well, "relay": None, "trouble": "no network"}, 105.0)[1] is False
    out = {**well, "printers": {"kitchen": {**printer, "state": "stopped", "trouble": "paper_out"}}}
    lines, good = report(out, 105.0)
    assert good is False
    assert "kitchen: stopped (paper_out)" in lines[-1]
    lines, good = report({**out, "role": "standby"}, 105.0)
    assert good is True
    assert "left to it" in lines[-1]


def test_it_runs_on_the_oldest_python_that_its_websockets_runs_on() -> None:
    project = tomllib.loads((ROOT / "agent/pyproject.toml").read_text())["project"]
    assert project["requires-python"] == metadata("websockets")["Requires-Python"]
    assert [name.split(">")[0] for name in project["dependencies"]] == ["websockets"]
