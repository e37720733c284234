"""dumbwaiter-agent: enrol, run, status, check, discover."""

import argparse
import asyncio
import contextlib
import logging
import logging.handlers
import platform
import secrets
import signal
import sqlite3
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from dumbwaiter_agent import VERSION, config, credentials, status
from dumbwaiter_agent.agent import Agent
from dumbwaiter_agent.check import check
from dumbwaiter_agent.config import BadConfig, Config
from dumbwaiter_agent.credentials import NotEnrolled
from dumbwaiter_agent.discover import PORT, discover, hosts, own_network
from dumbwaiter_agent.places import PRINTERS_FILE, Places


def main(arguments: Sequence[str] | None = None) -> int:
    """0: all is well. 1: it is not. 2: it was asked for something impossible."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(options))
    except (BadConfig, NotEnrolled, ValueError) as error:
        _say(f"{error}", to=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("dumbwaiter-agent", description="Turns print jobs from the relay into paper.")
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--config", type=Path, default=config.default_path(), help="agent.toml (%(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("enrol", help="trade a one-time code for a key of this machine's own")
    command.add_argument("code")
    command.add_argument("--at", required=True, metavar="URL", help="https address of the chain's API")
    command.set_defaults(do=_enrol)

    command = commands.add_parser("run", help="print, until stopped")
    command.set_defaults(do=_run)

    command = commands.add_parser("status", help="what the running agent sees; exit code 1 if the store cannot print")
    command.set_defaults(do=_status)

    command = commands.add_parser("check", help="print a test page and tell what the printer can prove")
    command.add_argument("printer", nargs="?", help="only this one")
    command.add_argument("--accept", action="store_true", help="it is another printer than before, and that is right")
    command.set_defaults(do=_check)

    command = commands.add_parser("discover", help="find printers on the LAN; sends them one status question")
    command.add_argument("network", nargs="?", help="as 192.168.1.0/24 (this machine's own)")
    command.add_argument("--port", type=int, default=PORT)
    command.set_defaults(do=_discover)
    return parser


def _enrol(options: argparse.Namespace) -> int:
    settings = config.read(options.config)
    context = ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else None
    identity = credentials.enrol(settings.data, options.at, options.code, name=platform.node()[:64], context=context)
    _say(f"Enrolled as agent {identity.agent} of store {identity.store}.")
    return 0


def _run(options: argparse.Namespace) -> int:
    settings = config.read(options.config)
    identity = credentials.load(settings.data)
    _log_to(settings)
    for name in settings.unknown:
        logging.getLogger("dumbwaiter_agent").warning("agent.toml: %s is not known", name)
    if not settings.printers:
        raise BadConfig(f"{options.config}: no printers; add [printers.NAME] with an address")
    try:
        asyncio.run(_until_stopped(settings, identity))
    except sqlite3.OperationalError as error:
        _say(f"{settings.data / 'journal.db'}: {error}; does another agent run here?", to=sys.stderr)
        return 1
    return 0


async def _until_stopped(settings: Config, identity: credentials.Identity) -> None:
    agent = Agent(settings, identity)
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT"):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run
            loop.add_signal_handler(getattr(signal, name), agent.stop)
    await agent.run()


def _log_to(settings: Config) -> None:
    """agent.log in the data folder, and stderr; `log.files` of `log.bytes` each are kept."""
    settings.data.mkdir(parents=True, exist_ok=True)
    rotating = logging.handlers.RotatingFileHandler(
        settings.data / "agent.log", maxBytes=settings.log_bytes, backupCount=settings.log_files, encoding="utf-8"
    )
    form = "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=[rotating, logging.StreamHandler()])
    logging.getLogger("websockets").setLevel(logging.WARNING)


def _status(options: argparse.Namespace) -> int:
    lines, good = status.report(status.read(config.read(options.config).data))
    _say("\n".join(lines))
    return 0 if good else 1


def _check(options: argparse.Namespace) -> int:
    settings = config.read(options.config)
    printers = [printer for printer in settings.printers if options.printer in {None, printer.id}]
    if not printers:
        raise BadConfig(f"no printer {options.printer or ''} in {options.config}")
    if options.accept and not options.printer:
        raise BadConfig("say which printer is another one: check PRINTER --accept")
    places = Places(settings.data / PRINTERS_FILE)
    good = True
    for printer in printers:
        if options.accept:
            places.accept(printer.id)
        lines, fine = asyncio.run(check(printer, secrets.token_hex(2), places=places))
        _say(f"{printer.id} ({printer.address})\n  " + "\n  ".join(lines))
        good = good and fine
    return 0 if good else 1


def _discover(options: argparse.Namespace) -> int:
    network = options.network or own_network()
    _say(f"Asking {network}, port {options.port} ...")
    devices = asyncio.run(discover(hosts(network), port=options.port))
    for device in devices:
        description = "no answer to the status question: mute, or no printer"
        if device.answers:
            description = "printer, on line" if device.online else "printer, off line (paper, cover?)"
        _say(f"tcp://{device.host}:{options.port}  {description}")
    return 0 if devices else 1


def _say(text: str, to: TextIO | None = None) -> None:
    print(text, file=to)


if __name__ == "__main__":
    sys.exit(main())
