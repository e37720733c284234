import socket
from pathlib import Path

from stack import ports


def test_a_port_is_kept_for_the_next_start(tmp_path: Path) -> None:
    first = ports.keep(tmp_path, "it")
    assert ports.keep(tmp_path, "it") == first


def test_a_port_that_somebody_took_is_given_up(tmp_path: Path) -> None:
    first = ports.keep(tmp_path, "it")
    with socket.create_server((ports.LOOPBACK, first)):
        second = ports.keep(tmp_path, "it")
    assert second != first
    assert ports.keep(tmp_path, "it") == second


def test_a_port_taken_on_every_interface_is_not_free() -> None:
    with socket.create_server(("0.0.0.0", 0)) as somebody:
        assert not ports.is_free(somebody.getsockname()[1])
