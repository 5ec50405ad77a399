# The Debian packages that Candlewick is built and tested with: sourced after common.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # cache comes from common.sh

build_packages=(build-essential cmake ninja-build pkg-config ca-certificates
    libcurl4-openssl-dev libjansson-dev libavro-dev libmicrohttpd-dev libsqlite3-dev
    zlib1g-dev libzstd-dev liblz4-dev libsasl2-dev libssl-dev)
test_packages=(libcmocka-dev clang-14 libclang-rt-14-dev llvm-14 clang-format-14 shellcheck kcat chromium
    curl python3 python3-venv)

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
    ((EUID == 0)) || sudo -n true 2>/dev/null ||
        fail "these packages are missing, and neither root nor sudo without a password is at hand: ${missing[*]}
       install them as root: apt-get install ${missing[*]}"
    step "package lists" as_root apt-get update
    step "packages: ${missing[*]}" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"
}

# need_command NAME [WHY]: of a package of that name.
need_command() {
    if ! command -v "$1" >/dev/null && command -v apt-get >/dev/null; then
        install_packages "$1"
    fi
    command -v "$1" >/dev/null || fail "$1 is missing: install it, then run this again${2:+ ($2)}"
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo -n "$@"
    fi
}

# Where there is no apt: names what is needed and goes on when it is there.
check_without_apt() {
    local missing=() tool module
    for tool in cc cmake ninja pkg-config npm; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if command -v pkg-config >/dev/null; then
        for module in libcurl jansson avro-c libmicrohttpd sqlite3 zlib "rdkafka >= 2.10.1"; do
            pkg-config --exists "$module" || missing+=("$module")
        done
    fi
    ((${#missing[@]} == 0)) ||
        fail "this is not Debian, and these are missing: ${missing[*]}
       install them with this system's package manager (C libraries with their headers), then run this again"
    say "==> not Debian: using the tools and libraries that are here"
}

# What building needs. npm resolves the chart library of the page; any npm will do.
need_build_packages() {
    if ! command -v apt-get >/dev/null; then
        check_without_apt
        return
    fi
    local packages=("${build_packages[@]}")
    command -v npm >/dev/null || packages+=(npm)
    install_packages "${packages[@]}"
}

need_test_packages() {
    command -v apt-get >/dev/null || return 0
    install_packages "${test_packages[@]}"
}

# Prometheus and promtool on PATH. Debian's package is unpacked into the cache, not installed: installed, it would start
# a service that takes port 9090.
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
    local made=$cache/prometheus.new.$$
    mkdir -p "$made"
    cd "$made" || return
    apt-get download prometheus || { as_root apt-get update && apt-get download prometheus; }
    dpkg-deb -x prometheus_*.deb .
    rm prometheus_*.deb
    # Moved into place in one step: a half-unpacked folder is never found.
    rm -rf "$cache/prometheus"
    mv -T "$made" "$cache/prometheus"
}
