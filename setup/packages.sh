# The Debian packages that Candlewick is built and tested with: sourced after common.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # cache comes from common.sh

build_packages=(build-essential cmake ninja-build pkg-config ca-certificates
    libcurl4-openssl-dev libexpat1-dev libjansson-dev libmicrohttpd-dev libsqlite3-dev libwslay-dev
    libzip-dev zlib1g-dev libzstd-dev liblz4-dev libsasl2-dev libssl-dev)
# npm fetches librdkafka's source and the page's chart library; any npm will do.
command -v npm >/dev/null || build_packages+=(npm)
lock_seconds=300

# install_packages NAME…: installs those that are missing; leaves the others as they are.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -x installed >/dev/null ||
            missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        return
    fi
    is_root || sudo -n true 2>/dev/null ||
        fail "packages are missing, and this user is neither root nor has a sudo that asks for no password. As root, run
       apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    step "package lists" apt_get update
    step "packages: ${missing[*]}" apt_get install -y --no-install-recommends "${missing[@]}"
}

# apt_get ARGUMENTS…: as root; while another apt or dpkg is at work, it waits for up to $lock_seconds. For dpkg's lock
# apt-get waits by itself, for that of the package lists it does not.
apt_get() {
    local started=$SECONDS said
    until said=$(as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=$lock_seconds "$@" 2>&1); do
        printf '%s\n' "$said"
        [[ $said == *'Could not get lock'* ]] && ((SECONDS - started < lock_seconds)) || return 1
        sleep 1
    done
    printf '%s\n' "$said"
}

# need_command NAME [WHY]: of a package of that name.
need_command() {
    if ! command -v "$1" >/dev/null && command -v apt-get >/dev/null; then
        install_packages "$1"
    fi
    command -v "$1" >/dev/null || fail "$1 is missing: install it, then run this again${2:+ ($2)}"
}

is_root() {
    [[ $(id -u) == 0 ]]
}

as_root() {
    if is_root; then
        "$@"
    else
        sudo -n "$@"
    fi
}

# Where there is no apt: names what is needed and goes on when it is there.
check_without_apt() {
    local missing=() tool module modules=(libcurl expat jansson libmicrohttpd sqlite3 libzip zlib)
    [[ -n ${RDKAFKA_ROOT:-} ]] || modules+=(openssl libsasl2 libzstd liblz4) # what librdkafka is built with
    for tool in cc c++ make cmake ninja pkg-config npm; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if command -v pkg-config >/dev/null; then
        for module in "${modules[@]}"; do
            pkg-config --exists "$module" || missing+=("$module")
        done
    fi
    # It has no pkg-config file.
    if command -v cc >/dev/null && ! cc -E -include wslay/wslay.h -x c /dev/null >/dev/null 2>&1; then
        missing+=(libwslay)
    fi
    ((${#missing[@]} == 0)) ||
        fail "this system has no apt-get, and these are missing: ${missing[*]}
       install them with this system's package manager (C libraries with their headers), then run this again"
    say "==> no apt-get here: using the tools and libraries that are here"
}

# need_packages NAME…: all that a command needs, so that what is missing is told at once.
need_packages() {
    if command -v apt-get >/dev/null; then
        install_packages "$@"
    else
        check_without_apt
    fi
}

# Prometheus and promtool on PATH. Debian's packages are unpacked into the cache, not installed: installed, they would
# start a service that takes port 9090.
need_prometheus() {
    if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
        return
    fi
    if [[ ! -x $cache/prometheus/usr/bin/promtool ]]; then
        command -v apt-get >/dev/null || fail "prometheus and promtool are missing: install Prometheus 2.42 or newer"
        step "Prometheus for the tests, once; kept in $cache" unpack_prometheus
    fi
    export PATH=$cache/prometheus/usr/bin:$PATH
}

unpack_prometheus() {
    rm -rf "$cache/prometheus" # one without promtool
    new_folder "$cache/prometheus"
    cd "$made" || return
    apt-get download prometheus || { apt_get update && apt-get download prometheus; }
    # Up to Debian 12 it contains promtool; later that is a package of its own.
    dpkg-deb -c prometheus_*.deb | grep ' ./usr/bin/promtool$' >/dev/null || apt-get download promtool
    for package in ./*.deb; do
        dpkg-deb -x "$package" .
        rm "$package"
    done
    publish "$made" "$cache/prometheus"
}
