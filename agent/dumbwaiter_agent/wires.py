"""Ways to a printer: TCP, a device file, a serial line, USB, the Windows spooler, a plain file.

A printer's address is a URL: tcp://10.0.0.7:9100, device:///dev/usb/lp0, serial:///dev/ttyUSB0?baud=38400,
serial://COM3, usb://04b8:0e15, spooler://Kitchen, file:///tmp/paper.bin.
"""

import asyncio
import contextlib
import importlib
import os
import socket
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import url2pathname

CONNECT_SECONDS = 5.0
# What a printer has not read when we close is lost with some print servers; they close first when they have it.
LINGER_SECONDS = 2.0
_READ_BYTES = 4096


class WireError(Exception):
    """The printer cannot be reached, or no more: a sentence for a person."""


class Wire(Protocol):
    """One open way to a printer. `answers`: whether bytes can come back; `spools`: whether another program prints;
    `trouble`: what that program says keeps it from it, as a code. `peer`: the IP address at the other end.
    """

    answers: bool
    spools: bool
    trouble: str | None
    peer: str | None

    async def write(self, data: bytes) -> None:
        """Returns when the operating system, or the spooler, has all of it. Raises `WireError`."""

    async def read(self) -> bytes:
        """Bytes from the printer; b"" when none can come any more."""

    async def finish(self) -> None:
        """After the last byte of a job: wait for what only this way can tell. Raises `WireError`."""

    async def close(self) -> None:
        """Never raises."""


class TcpWire:
    """A network printer, mostly port 9100."""

    answers = True
    spools = False
    trouble: str | None = None

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.peer: str | None = writer.get_extra_info("peername")[0]
        # drain() then means that the operating system has it, so that "written" is no guess of ours.
        writer.transport.set_write_buffer_limits(high=0)
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    async def open(cls, host: str, port: int) -> "TcpWire":
        """Raises `WireError`."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return cls(*await asyncio.open_connection(host, port, limit=_READ_BYTES))
        except (OSError, TimeoutError) as error:
            raise WireError(f"{host}:{port}: {error or 'no answer'}") from error

    async def write(self, data: bytes) -> None:
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise WireError(str(error)) from error

    async def read(self) -> bytes:
        try:
            return await self._reader.read(_READ_BYTES)
        except OSError:
            return b""

    async def finish(self) -> None:
        return

    async def close(self) -> None:
        try:
            if self._writer.can_write_eof():
                self._writer.write_eof()
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._reader.read(_READ_BYTES):
                    pass
        except (OSError, TimeoutError, RuntimeError):
            pass
        self._writer.transport.abort()


class ThreadWire:
    """A way whose calls block, each in a thread: `port` has read(), write(data), close(), as pyserial's ports do."""

    spools = False
    trouble: str | None = None
    peer: str | None = None

    def __init__(self, port: Any, *, answers: bool = True) -> None:
        self.answers = answers
        self._port = port
        self._open = True

    async def write(self, data: bytes) -> None:
        try:
            await asyncio.to_thread(self._port.write, data)
        except Exception as error:
            raise WireError(f"{type(error).__name__}: {error}") from error

    async def read(self) -> bytes:
        try:
            while self._open and self.answers:
                if data := await asyncio.to_thread(self._port.read):
                    return bytes(data)
        except Exception:  # noqa: BLE001 - each driver has errors of its own; all mean that nothing comes any more
            return b""
        return b""

    async def finish(self) -> None:
        return

    async def close(self) -> None:
        self._open = False
        try:
            await asyncio.to_thread(self._port.close)
        except Exception:  # noqa: BLE001 - as above
            return


class FilePort:
    """Appends to a plain file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()
        os.fsync(self._file.fileno())

    def read(self) -> bytes:
        return b""

    def close(self) -> None:
        self._file.close()


class DevicePort:
    """A character device that answers, as Linux has for USB printers (/dev/usb/lp0)."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | getattr(os, "O_NOCTTY", 0) | os.O_NONBLOCK)
        self._selectors = importlib.import_module("select")
        # What a thread still has to write when the ticket is given up goes nowhere: not to this file, and not to
        # another one that was given its number.
        self._lock = threading.Lock()

    def write(self, data: bytes) -> None:
        remaining = memoryview(data)
        while remaining:
            self._selectors.select([], [self._file], [], 1)
            with self._lock, contextlib.suppress(BlockingIOError):
                remaining = remaining[os.write(self._file, remaining) :]

    def read(self) -> bytes:
        readable, _, _ = self._selectors.select([self._file], [], [], 0.2)
        with self._lock:
            data = os.read(self._file, _READ_BYTES) if readable else b""
        if readable and not data:
            raise OSError("the device is gone")
        return data

    def close(self) -> None:
        with self._lock:
            file, self._file = self._file, -1
            os.close(file)


class UsbPort:
    """A USB printer without a driver, through pyusb: its printer class interface and bulk endpoints."""

    def __init__(self, vendor: int, product: int) -> None:
        core = _extra("usb.core", "usb")
        util = _extra("usb.util", "usb")
        self._errors = (core.USBTimeoutError,)
        self._device = core.find(idVendor=vendor, idProduct=product)
        if self._device is None:
            raise WireError(f"no USB device {vendor:04x}:{product:04x}")
        interface = next(
            (interface for interface in self._device.get_active_configuration() if interface.bInterfaceClass == 7),  # noqa: PLR2004
            None,
        )
        if interface is None:
            raise WireError(f"USB device {vendor:04x}:{product:04x} is no printer")
        if os.name == "posix" and self._device.is_kernel_driver_active(interface.bInterfaceNumber):
            self._device.detach_kernel_driver(interface.bInterfaceNumber)
        util.claim_interface(self._device, interface)
        directions = {util.endpoint_direction(end.bEndpointAddress): end for end in interface}
        self._out = directions[util.ENDPOINT_OUT]
        self._in = directions.get(util.ENDPOINT_IN)
        self._dispose = util.dispose_resources
        # pyusb opens a closed device again for whoever still writes.
        self._lock = threading.Lock()
        self._closed = False

    def write(self, data: bytes) -> None:
        remaining = memoryview(data)
        while remaining:
            with self._lock, contextlib.suppress(*self._errors):  # paper is out: the printer takes no more for now
                if self._closed:
                    raise OSError("closed")
                remaining = remaining[self._out.write(remaining, timeout=1000) :]

    def read(self) -> bytes:
        if self._in is None:
            raise OSError("the printer has no way back")
        try:
            return bytes(self._in.read(_READ_BYTES, timeout=200))
        except self._errors:
            return b""

    def close(self) -> None:
        self._closed = True
        with self._lock:
            self._dispose(self._device)


class SpoolerWire:
    """A printer that Windows owns. Done when its queue has let go of the job without an error (evidence D)."""

    answers = False
    spools = True
    peer: str | None = None

    def __init__(self, name: str) -> None:
        self._win32 = _extra("win32print", "spooler")
        self._name = name
        self._job: int | None = None
        self.trouble: str | None = None

    async def write(self, data: bytes) -> None:
        try:
            await asyncio.to_thread(self._write, data)
        except Exception as error:
            raise WireError(f"{type(error).__name__}: {error}") from error

    def _write(self, data: bytes) -> None:
        handle = self._win32.OpenPrinter(self._name)
        try:
            self._job = int(self._win32.StartDocPrinter(handle, 1, ("dumbwaiter", None, "RAW")))
            self._win32.StartPagePrinter(handle)
            self._win32.WritePrinter(handle, data)
            self._win32.EndPagePrinter(handle)
            self._win32.EndDocPrinter(handle)
        finally:
            self._win32.ClosePrinter(handle)

    async def finish(self) -> None:
        while trouble := await asyncio.to_thread(self._state):
            if trouble != "queued":
                raise WireError(trouble)
            await asyncio.sleep(0.25)
        self._job = self.trouble = None

    def _state(self) -> str | None:
        """None when the queue does not know the job any more: it has been printed, or a person removed it."""
        handle = self._win32.OpenPrinter(self._name)
        try:
            status = int(self._win32.GetJob(handle, self._job, 1)["Status"])
        except Exception as error:
            if getattr(error, "winerror", None) == 87:  # noqa: PLR2004 - ERROR_INVALID_PARAMETER: no such job
                return None
            raise WireError(str(error)) from error
        finally:
            self._win32.ClosePrinter(handle)
        if status & 0x80:  # JOB_STATUS_PRINTED
            return None
        self.trouble = "paper_out" if status & 0x40 else "offline" if status & 0x20 else None
        return "somebody removed it from the queue" if status & 0x104 else "queued"

    async def read(self) -> bytes:
        return b""

    async def close(self) -> None:
        """A job that was given up must not print by itself when the paper is back."""
        if self._job is not None:
            with contextlib.suppress(Exception):  # the queue does not know it any more
                await asyncio.to_thread(self._delete, self._job)

    def _delete(self, job: int) -> None:
        handle = self._win32.OpenPrinter(self._name)
        try:
            self._win32.SetJob(handle, job, 0, None, 5)  # JOB_CONTROL_DELETE
        finally:
            self._win32.ClosePrinter(handle)


async def open_wire(address: str) -> Wire:
    """The way that the address names. Raises `WireError`; ValueError for an address that can never work."""
    url = urlsplit(address)
    if url.scheme == "tcp":
        return await TcpWire.open(url.hostname or "", url.port or 9100)
    if url.scheme == "spooler":
        return SpoolerWire(unquote(url.netloc))
    make = _PORTS.get(url.scheme)
    if make is None:
        raise ValueError(f"{address}: a printer's address begins with tcp, {', '.join(_PORTS)} or spooler")
    try:
        port = await asyncio.to_thread(make, address)
    except (WireError, ValueError):
        raise
    except Exception as error:
        raise WireError(f"{address}: {error}") from error
    return ThreadWire(port, answers=url.scheme != "file")


def check_address(address: str) -> None:
    """Raises ValueError for an address that can never work."""
    url = urlsplit(address)
    if url.scheme not in {"tcp", "spooler", *_PORTS}:
        raise ValueError(f"{address}: a printer's address begins with tcp, {', '.join(_PORTS)} or spooler")
    if url.scheme == "tcp" and not url.hostname:
        raise ValueError(f"{address}: tcp://HOST:PORT")


def _file(address: str) -> FilePort:
    return FilePort(Path(url2pathname(urlsplit(address).path)))


def _device(address: str) -> DevicePort:
    return DevicePort(unquote(urlsplit(address).path))


def _serial(address: str) -> Any:
    url = urlsplit(address)
    options = parse_qs(url.query)
    port = _extra("serial", "serial").Serial(
        url.netloc or unquote(url.path),
        baudrate=int(options.get("baud", ["9600"])[0]),
        rtscts=options.get("flow", ["none"])[0] == "rts",
        dsrdtr=options.get("flow", ["none"])[0] == "dtr",
        timeout=0.2,
    )
    port.reset_input_buffer()
    return port


def _usb(address: str) -> UsbPort:
    vendor, _, product = urlsplit(address).netloc.partition(":")
    return UsbPort(int(vendor, 16), int(product, 16))


_PORTS: dict[str, Callable[[str], Any]] = {"file": _file, "device": _device, "serial": _serial, "usb": _usb}
Opener = Callable[[str], Awaitable[Wire]]


def _extra(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise WireError(f"this way needs: pip install 'dumbwaiter-agent[{extra}]'") from error
