#!/bin/sh
# need.sh python|venv FOLDER|node|mariadb|mysql|browser: sees that a program of this machine is there. Installs only what apt or brew
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

# MySQL's own server for `make test DATABASE=mysql`: the one on the PATH, or Debian's packages unpacked into .local/mysql.
# No package is installed: apt keeps its state in that folder, and dpkg unpacks the files there.
need_mysql() {
    [ -z "${TEST_DATABASE_URL:-}" ] || return 0
    # MariaDB has a program of this name too.
    if have mysqld && mysqld --no-defaults --version | grep -qv MariaDB; then return; fi
    folder=$(pwd)/.local/mysql
    if [ -x "$folder/root/usr/sbin/mysqld" ]; then return; fi
    hint="Put MySQL's mysqld on the PATH, or set TEST_DATABASE_URL=mysql://root@127.0.0.1:3306/mysql to a server that runs."
    { have apt-get && have dpkg; } || fail "MySQL is missing, and there is no apt to get it with. $hint"
    mirror=$(debian_mirror)
    keyring=$(find /usr/share/keyrings -name 'debian-archive-keyring.*' 2>/dev/null | head -n 1)
    [ -n "$mirror" ] && [ -n "$keyring" ] || fail "MySQL is missing, and this machine's apt names no Debian mirror. $hint"
    say "Unpacking Debian's MySQL into .local/mysql (nothing is installed) ..."
    rm -rf "$folder/apt" "$folder/new"
    mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial" "$folder/apt/packages" "$folder/new"
    : >"$folder/apt/status"
    echo "deb [signed-by=$keyring] $mirror sid main" >"$folder/apt/sources.list"
    cat >"$folder/apt/conf" <<CONF
Dir::State "$folder/apt";
Dir::State::lists "$folder/apt/lists";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt/cache";
Dir::Etc::sourcelist "$folder/apt/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "$(id -un)";
CONF
    (unpack_mysql "$folder") || fail "apt could not download mysql-server-core. $hint"
    mv "$folder/new" "$folder/root"
    rm -rf "$folder/apt"
}

debian_mirror() {
    find /etc/apt/sources.list /etc/apt/sources.list.d -type f -exec cat {} + 2>/dev/null |
        sed -n 's#.*\(https\{0,1\}://[^ ]*/debian\)/\{0,1\}\( .*\)\{0,1\}$#\1#p' | grep -v snapshot | head -n 1
}

# With the libraries that the server needs, and without Perl, which only its test tools need.
unpack_mysql() {
    export APT_CONFIG="$1/apt/conf"
    apt-get -qq update || return 1
    names=$(apt-get install --print-uris -y --no-install-recommends mysql-server-core |
        sed -n "s,.* \([^ ]*\)_[^_ ]*_[^_ ]*\.deb .*,\1,p" | grep -vE '^(perl|libperl|db[0-9]|gconv)' | sort -u)
    [ -n "$names" ] || return 1
    cd "$1/apt/packages" || return 1
    # shellcheck disable=SC2086 # one word a package
    apt-get -qq download $names || return 1
    for package in *.deb; do
        dpkg -x "$package" "$1/new" || return 1
    done
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
