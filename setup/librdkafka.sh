#!/usr/bin/env bash
# Builds librdkafka from the source package of Debian's suite sid and keeps it in the user's cache.
#
#     setup/librdkafka.sh plain|thread
#
# `thread` is instrumented for ThreadSanitizer. Nothing is done when the build is there already, when
# RDKAFKA_ROOT names one, or, for `plain`, when the system's own librdkafka is new enough. apt's state lies in the cache too: the
# machine's own apt is not changed.
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

oldest=2.10.1
variant=${1:-plain}
case $variant in
plain)
    # It reads what the network sends, inside our program: hardened as our own code is (cmake/Compiler.cmake).
    flags='-O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection'
    [[ $(uname -m) != x86_64 ]] || flags+=' -fcf-protection=full'
    ;;
thread) flags='-O1 -g -fsanitize=thread' ;;
*) fail "setup/librdkafka.sh: \"$variant\" is neither plain nor thread" ;;
esac

built() {
    compgen -G "$cache/librdkafka-*-$variant/include/librdkafka/rdkafka.h" >/dev/null
}

if [[ -n ${RDKAFKA_ROOT:-} ]] || built || { [[ $variant == plain ]] && pkg-config --atleast-version=$oldest rdkafka 2>/dev/null; }; then
    exit 0
fi
command -v apt-get >/dev/null ||
    fail "librdkafka >= $oldest is needed: install it, or build it and name its folder in RDKAFKA_ROOT"

work=$cache/work-$variant
apt_state=$work/apt
# A mirror that lags behind has lists past their date: they are signed all the same.
apt() {
    apt-get -o Acquire::Check-Valid-Until=false -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt_state/sources" \
        -o Dir::State="$apt_state/state" -o Dir::State::lists="$apt_state/lists" \
        -o Dir::Cache="$apt_state/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}

# The archive that this machine already uses for its own release, asked for sid's sources instead.
# shellcheck disable=SC2016 # apt-get fills the names in, not the shell
write_source_list() {
    local codename archive
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk -v name="$codename" '($2 == name || $2 == "stable") && $3 == "main" && !uri {uri = $1} END {print uri}')
    [[ -n $archive ]] || fail "librdkafka >= $oldest comes from Debian's archive, and none is among this machine's apt sources:
       build it yourself and name its folder in RDKAFKA_ROOT"
    mkdir -p "$apt_state"/{sources,state,lists/partial,cache/archives/partial}
    {
        printf 'Types: deb-src\nURIs: %s\nSuites: sid\nComponents: main\n' "$archive"
        printf 'Signed-By: %s\n' /usr/share/keyrings/debian-archive-keyring.gpg
    } >"$apt_state/sources/sid.sources"
}

fetch_source() {
    cd "$work"
    apt update
    # Only the upstream tarball: Debian's patches take out generated files that its own build makes anew.
    apt source --download-only librdkafka
    mkdir source
    tar xf librdkafka_*.orig.tar.* -C source --strip-components=1
    if [[ $variant == thread ]]; then
        # ThreadSanitizer sees pthread's locks; it does not see C11's (GCC 12).
        sed -i '/^if(WITH_C11THREADS)/i set(WITH_C11THREADS OFF)' source/CMakeLists.txt
        grep -q 'set(WITH_C11THREADS OFF)' source/CMakeLists.txt ||
            fail "librdkafka's build has changed: C11 threads could not be switched off"
    fi
}

build_and_install() {
    local tarball version
    tarball=$(compgen -G "$work/librdkafka_*.orig.tar.*" | head -n 1)
    version=${tarball##*librdkafka_}
    version=${version%%.orig.tar.*}
    dpkg --compare-versions "$version" ge $oldest ||
        fail "sid carries librdkafka $version, and $oldest or newer is needed"
    cmake -S "$work/source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=None \
        -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_INSTALL_LIBDIR=lib \
        -DRDKAFKA_BUILD_STATIC=ON -DRDKAFKA_BUILD_EXAMPLES=OFF -DRDKAFKA_BUILD_TESTS=OFF \
        -DENABLE_LZ4_EXT=ON -DCMAKE_INSTALL_PREFIX="$cache/librdkafka-$version-$variant"
    cmake --build "$work/build" --target rdkafka rdkafka++ -j "$jobs"
    rm -rf "$work/stage"
    DESTDIR=$work/stage cmake --install "$work/build"
    # Moved into place in one step: a half-installed library is never found.
    mv -T "$work/stage$cache/librdkafka-$version-$variant" "$cache/librdkafka-$version-$variant"
}

rm -rf "$work"
mkdir -p "$work"
write_source_list
step "librdkafka: the source package from Debian's suite sid" fetch_source
step "librdkafka: build ($variant), once; kept in $cache" build_and_install
rm -rf "$work"
