#!/bin/sh
# need.sh python|venv FOLDER|node|mariadb|browser: sees that a program of this machine is there. Installs only what apt or brew
# has, and says so first; for the rest, one sentence says what is missing and where to get it. Plain sh: it runs before anything is there.
set -eu

say() { printf '%s\n' "$*" >&2; }
fail() { say "dumbwaiter: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif have sudo; then sudo "$@"
    else fail "Installing needs root, and there is no sudo: run this as root: $*"
    fi
}

apt_install() {
    say "Installing with apt-get (programs only, no service is started): $*"
    # A new machine has no package lists; on any other the lists it has will mostly do.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1 || {
        as_root apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
    } || fail "apt-get could not install: $*"
}

# The first Python of the right age, by name or path, on standard output.
need_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found. Debian 12 or Ubuntu 24.04: apt-get install python3-venv;" \
        "macOS: brew install python@3.13; elsewhere python.org. PYTHON=/path/to/python names one that make does not find."
}

need_venv() {
    python=$(need_python)
    # Debian splits what makes environments off into a package of its own.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        have apt-get || fail "$python lacks its venv module: install it (its package is often called python3-venv)."
        apt_install "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    fi
    "$python" -m venv --clear "$1"
}

need_node() {
    hint="Node 20 or newer with npm is needed: nodejs.org, or brew install node, or Debian 13 apt-get install npm."
    { have node && have npm; } || fail "Node or npm was not found. $hint"
    # shellcheck disable=SC2016 # the dollar is JavaScript's
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || fail "Node $(node -v) is too old. $hint"
}

need_mariadb() {
    [ -z "${DATABASE_URL:-}" ] || return 0
    PATH=$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/opt/mariadb/bin:/usr/local/opt/mariadb/bin
    if have mariadbd && have mariadb-install-db && have my_print_defaults; then return; fi
    if have apt-get; then apt_install mariadb-server-core mariadb-client-core
    elif have brew; then
        say "Installing with brew (no service is started): mariadb"
        brew install mariadb
    else
        fail "MariaDB is missing, and there is neither apt nor brew to install it with: install the programs mariadbd," \
            "mariadb-install-db and my_print_defaults, or set DATABASE_URL=mysql://user:password@host:3306/database."
    fi
}

# Only tests need it: without one they say that they leave the pages out, and under CI they fail.
need_browser() {
    for name in chromium chromium-browser google-chrome; do
        if have "$name"; then return; fi
    done
    for name in "/Applications/Google Chrome.app" /Applications/Chromium.app; do
        if [ -d "$name" ]; then return; fi
    done
    if have apt-get; then (apt_install chromium) || true
    else say "No Chromium or Chrome was found: the tests of the two pages need one."
    fi
}

what=$1
shift
"need_$what" "$@"
