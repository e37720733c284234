"""Which printer answers at an address: by the address of its network hardware, else by its serial number.

The hardware's address is in this machine's neighbour table, after every connection within one network. Behind a router
it is not there; then the agent asks the printer for its serial number. That is GS I 68, in Epson's reference under
"Type B" printer information: 5Fh, the text, NUL. Never for its model: a clone claims to be an Epson.
"""

import contextlib
import ctypes
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# A peer's IP address → its hardware address, lower case with colons; None where nobody knows it.
Neighbours = Callable[[str], str | None]

ARP = Path("/proc/net/arp")
_COMPLETE = 0x2
_SECONDS = 2
_HARDWARE = re.compile(r"(?:[0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}")


def hardware_address(peer: str) -> str | None:
    """As this machine's neighbour table has it. Blocks for a moment on Windows and macOS."""
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        if sys.platform == "win32":
            return _windows(peer)
        if sys.platform == "darwin":
            return _macos(peer)
        return of_table(ARP.read_text(encoding="ascii"), peer)
    return None


def of_table(table: str, peer: str) -> str | None:
    """From /proc/net/arp: IP address, type, flags, hardware address, mask, device."""
    for line in table.splitlines()[1:]:
        columns = line.split()
        if columns[0] == peer and int(columns[2], 16) & _COMPLETE:
            return _plain(columns[3])
    return None


def _macos(peer: str) -> str | None:
    """`arp -n`: "? (192.168.7.21) at 0:26:ab:1:2:3 on en0 ifscope [ethernet]"."""
    command = ["/usr/sbin/arp", "-n", peer]  # an address that came from a socket
    completed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)  # noqa: S603
    return _plain(completed.stdout.partition(" at ")[2])


def _windows(peer: str) -> str | None:
    """SendARP of iphlpapi; it answers from the table where the neighbour is known."""
    if sys.platform != "win32":
        return None
    raw, length = ctypes.create_string_buffer(6), ctypes.c_ulong(6)
    to = int.from_bytes(socket.inet_aton(peer), "little")
    if ctypes.WinDLL("iphlpapi").SendARP(to, 0, raw, ctypes.byref(length)) or length.value != len(raw.raw):
        return None
    return _plain(raw.raw.hex(":"))


def _plain(text: str) -> str | None:
    """Two digits each, lower case, colons; macOS leaves leading zeros out. None for no address, and for all zeros."""
    match = _HARDWARE.match(text.strip().lower())
    if match is None:
        return None
    address = ":".join(part.rjust(2, "0") for part in re.split("[:-]", match[0]))
    return address if address.strip("0:") else None
