"""stack/need.sh on machines that lack something: a PATH of stand-ins that note how they were called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stack.addresses import CHECKOUT

TOOLS = ("sh", "env", "id", "cat")


class Machine:
    def __init__(self, folder: Path) -> None:
        self.folder, self.called = folder, folder / "called"
        self.called.touch()
        for tool in TOOLS:
            path = next(Path(place, tool) for place in ("/bin", "/usr/bin") if Path(place, tool).exists())
            (folder / tool).symlink_to(path)

    def program(self, name: str, script: str) -> None:
        file = self.folder / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.called}\n{script}\n')
        file.chmod(0o755)

    def need(self, *programs: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        # The script looks for MariaDB in these places too, where this very machine may have it.
        script = (CHECKOUT / "stack/need.sh").read_text().replace("/usr/sbin:/usr/local/sbin", str(self.folder))
        script = script.replace("/etc/apt/", f"{self.folder}/").replace("/usr/share/keyrings", str(self.folder))
        (self.folder / "need.sh").write_text(script)
        settings = {"PATH": str(self.folder)} | environment
        command = ["/bin/sh", str(self.folder / "need.sh"), *programs]
        return subprocess.run(command, env=settings, cwd=self.folder, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_no_python_or_an_old_one_is_said_in_one_sentence(machine: Machine) -> None:
    machine.program("python3", "exit 1")
    answer = machine.need("venv", "nowhere")
    assert answer.returncode != 0
    assert "Python 3.11 or newer is needed" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_python_that_is_named_comes_first(machine: Machine) -> None:
    machine.program("python3", "exit 0")
    assert machine.need("python", PYTHON=sys.executable).stdout.strip() == sys.executable
    assert machine.need("python").stdout.strip() == "python3"


def test_a_python_without_venv_gets_debians_package_said_first(machine: Machine) -> None:
    machine.program("python3", 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac')
    machine.program("sudo", '"$@"')
    machine.program("apt-get", "exit 0")
    answer = machine.need("venv", "nowhere")
    assert answer.returncode == 0
    assert answer.stderr.startswith("Installing with apt-get (programs only, no service is started): python3.11-venv")
    assert "install -qq -y --no-install-recommends python3.11-venv" in machine.called.read_text()


def test_a_python_without_venv_and_no_apt_says_what_to_install(machine: Machine) -> None:
    machine.program("python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    answer = machine.need("venv", "nowhere")
    assert answer.returncode != 0
    assert "python3-venv" in answer.stderr


@pytest.mark.parametrize("script", ["", 'case "$1" in -v) echo v18.1.0;; *) exit 1;; esac'])
def test_no_node_or_an_old_one_is_said_in_one_sentence(machine: Machine, script: str) -> None:
    machine.program("npm", "")
    if script:
        machine.program("node", script)
    answer = machine.need("node")
    assert answer.returncode != 0
    assert "Node 20 or newer with npm is needed" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_mariadb_is_left_alone_where_it_is_there_or_database_url_is_set(machine: Machine) -> None:
    machine.program("apt-get", "exit 1")
    assert machine.need("mariadb", DATABASE_URL="mysql://a:b@c/d").returncode == 0
    for name in ("mariadbd", "mariadb-install-db", "my_print_defaults"):
        machine.program(name, "")
    assert machine.need("mariadb").returncode == 0
    assert machine.called.read_text() == ""


def test_mariadb_comes_from_apt_with_fresh_lists_if_the_old_ones_do_not_do(machine: Machine) -> None:
    machine.program("sudo", '"$@"')
    machine.program(
        "apt-get", f'case "$1" in update) touch {machine.folder}/fresh;; *) [ -e {machine.folder}/fresh ];; esac'
    )
    (machine.folder / "touch").symlink_to("/usr/bin/touch")
    answer = machine.need("mariadb")
    assert answer.returncode == 0, answer.stderr
    assert "mariadb-server-core mariadb-client-core" in answer.stderr
    assert "apt-get update" in machine.called.read_text()


def test_mariadb_comes_from_brew_where_there_is_no_apt(machine: Machine) -> None:
    machine.program("brew", "")
    assert machine.need("mariadb").returncode == 0
    assert machine.called.read_text() == "brew install mariadb\n"


def test_without_apt_and_brew_the_sentence_names_the_programs_and_the_other_way(machine: Machine) -> None:
    answer = machine.need("mariadb")
    assert answer.returncode != 0
    assert "mariadb-install-db" in answer.stderr
    assert "DATABASE_URL=mysql://" in answer.stderr


def with_sources(machine: Machine, *lines: str) -> None:
    """The machine's apt has these sources, and the tools to read them."""
    (machine.folder / "sources.list").write_text("\n".join(lines))
    for tool in ("find", "sed", "grep", "head", "mkdir", "rm", "mv", "sort"):
        if not (machine.folder / tool).exists():
            (machine.folder / tool).symlink_to(shutil.which(tool) or "/bin/false")
    (machine.folder / "debian-archive-keyring.pgp").touch()
    machine.program("dpkg", 'mkdir -p "$3/usr/sbin" && : >"$3/usr/sbin/mysqld"')


def test_mysql_is_left_alone_where_it_is_there_or_a_test_server_is_named(machine: Machine) -> None:
    with_sources(machine)
    assert machine.need("mysql", TEST_DATABASE_URL="mysql://root@127.0.0.1/mysql").returncode == 0
    machine.program("mysqld", "echo mysqld Ver 8.4.6 for Linux")
    assert machine.need("mysql").returncode == 0


def test_mariadb_s_program_of_that_name_is_no_mysql(machine: Machine) -> None:
    with_sources(machine)
    machine.program("mysqld", "echo mysqld Ver 11.8.3-MariaDB")
    answer = machine.need("mysql")
    assert answer.returncode != 0
    assert "there is no apt to get it with" in answer.stderr
    assert "TEST_DATABASE_URL=mysql://" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_mysql_is_not_to_be_had_where_apt_names_no_debian_mirror(machine: Machine) -> None:
    with_sources(machine, "deb http://mirror.invalid/ubuntu noble main")
    machine.program("apt-get", "exit 1")
    answer = machine.need("mysql")
    assert answer.returncode != 0
    assert "names no Debian mirror" in answer.stderr


@pytest.mark.parametrize(
    "source",
    ["deb [trusted=yes] http://mirror.invalid/debian trixie main", "URIs: http://mirror.invalid/debian/"],
    ids=["one line", "deb822"],
)
def test_mysql_is_unpacked_from_the_mirror_of_the_machine_and_nothing_is_installed(
    machine: Machine, source: str
) -> None:
    with_sources(machine, source)
    machine.program(
        "apt-get",
        """case "$*" in
        *update) cat "$APT_CONFIG" >/dev/null;;
        *--print-uris*) for name in perl mysql-server-core libaio1t64; do
            echo "'http://mirror.invalid/debian/pool/x/${name}_9.7.4-2_amd64.deb' ${name}_9.7.4-2_amd64.deb 5 SHA256:0"
        done;;
        *download*) for name in "$@"; do : >"$name.deb"; done;;
        esac""",
    )
    answer = machine.need("mysql")
    assert answer.returncode == 0, answer.stderr
    calls = machine.called.read_text()
    assert "apt-get -qq download libaio1t64 mysql-server-core" in calls
    assert "perl" not in calls.split("download")[1]
    assert (machine.folder / ".local/mysql/root/usr/sbin/mysqld").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root needs no sudo")
def test_without_root_and_sudo_the_command_to_run_is_shown(machine: Machine) -> None:
    machine.program("apt-get", "")
    assert "run this as root: env DEBIAN_FRONTEND" in machine.need("mariadb").stderr
