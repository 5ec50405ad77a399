#!/usr/bin/env bash
# Builds librdkafka, one exact version everywhere, and keeps it in the user's cache.
#
#     setup/librdkafka.sh plain|thread
#     setup/librdkafka.sh --folder plain|thread      prints where that build is kept, and builds nothing
#
# `thread` is instrumented for ThreadSanitizer. Nothing is done when the build is there already or when RDKAFKA_ROOT names
# another librdkafka. The source comes inside an npm package, as the npm registry keeps each version of a package for ever; npm
# only fetches the package, from the mirror that it is configured for, and runs nothing of it.
set -euo pipefail
# shellcheck source=setup/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=2.15.1
package=@confluentinc/kafka-javascript@1.10.1
archive=confluentinc-kafka-javascript-1.10.1.tgz
archive_sha256=ada7d703bb1d3237e2292bfabf438d663b6160c9f1ac2a2406b5dc4257c81b66
source_in_archive=package/deps/librdkafka
needed_features=(ssl sasl_plain sasl_scram sasl_gssapi sasl_oauthbearer lz4 zstd)

print_folder=false
if [[ ${1:-} == --folder ]]; then
    print_folder=true
    shift
fi
variant=${1:-plain}
options=(--no-download)
case $variant in
plain)
    # It reads what the network sends, inside our program: hardened as our own code is (cmake/Compiler.cmake).
    flags='-O2 -g -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection'
    [[ $(uname -m) != x86_64 ]] || flags+=' -fcf-protection=full'
    ;;
thread)
    flags='-O1 -g -fsanitize=thread'
    options+=(--disable-c11threads) # ThreadSanitizer sees pthread's locks; it does not see C11's (GCC 12)
    ;;
*) fail "setup/librdkafka.sh: \"$variant\" is neither plain nor thread" ;;
esac

# Another source, other flags or another compiler make another folder: what is kept is what would be built now.
key=$(printf '%s\n' "$version" "$archive_sha256" "${options[*]}" "$flags" "$(uname -m)" "$(cc --version 2>/dev/null | head -n 1)" |
    sha256sum | cut -c 1-12)
folder=$cache/librdkafka-$version-$variant-$key
if $print_folder; then
    printf '%s\n' "$folder"
    exit
fi
if [[ -n ${RDKAFKA_ROOT:-} || -d $folder ]]; then
    exit 0
fi
[[ $cache != *[[:space:]]* ]] ||
    fail "librdkafka cannot be built in \"$cache\": its configure takes no blank in a path. Set XDG_CACHE_HOME to a folder without one"

new_folder "$folder"
work=$made
installed=$work/installed

fetch_source() {
    local sha256
    mkdir "$work/fetched" "$work/source"
    cd "$work/fetched"
    npm pack "$package" --ignore-scripts --prefer-offline --no-audit --no-fund
    sha256=$(sha256sum "$archive" | cut -d ' ' -f 1)
    [[ $sha256 == "$archive_sha256" ]] ||
        fail "$archive (npm package $package, the source of librdkafka $version) is not the file that was reviewed: refused.
       its SHA-256 is     $sha256
       and it must be     $archive_sha256
       Ask the mirror that npm is configured for, or build librdkafka yourself and name its folder in RDKAFKA_ROOT"
    tar -xzf "$archive" -C "$work/source" --no-same-owner --strip-components=3 "$source_in_archive"
}

# A static library and nothing else, so that -lrdkafka finds no other. What it needs itself is linked dynamically: the
# system keeps those libraries up to date.
build_and_install() {
    cd "$work/source"
    CC=cc CXX=c++ CFLAGS=$flags CXXFLAGS=$flags LDFLAGS='' ./configure --prefix="$folder" "${options[@]}"
    make -C src -j "$jobs" librdkafka.a librdkafka-static.a rdkafka-static.pc
    mkdir -p "$installed"/include/librdkafka "$installed"/lib/pkgconfig "$installed"/share/doc/librdkafka
    cp src/rdkafka.h src/rdkafka_mock.h "$installed/include/librdkafka"
    cp src/librdkafka.a "$installed/lib"
    # shellcheck disable=SC2016 # pkg-config fills the name in, not the shell
    sed 's/librdkafka-static/librdkafka/; s# [^ ]*${libdir}/librdkafka\.a# -lrdkafka#' src/rdkafka-static.pc >"$installed/lib/pkgconfig/rdkafka.pc"
    cp LICENSES.txt "$installed/share/doc/librdkafka"
    check_features
}

# ./configure leaves out what it does not find, and goes on.
check_features() {
    local linking features feature
    linking=$(PKG_CONFIG_PATH=$installed/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH} pkg-config --cflags --libs \
        --define-variable=libdir="$installed/lib" --define-variable=includedir="$installed/include" rdkafka)
    # shellcheck disable=SC2086 # words
    cc $flags -x c - -x none -o "$work/features" $linking <<'SOURCE'
#include <librdkafka/rdkafka.h>
#include <stdio.h>
int main(void)
{
    char features[1024];
    size_t size = sizeof features;
    return rd_kafka_conf_get(rd_kafka_conf_new(), "builtin.features", features, &size) != RD_KAFKA_CONF_OK ||
           puts(features) < 0;
}
SOURCE
    features=$("$work/features")
    for feature in "${needed_features[@]}"; do
        [[ ,$features, == *,$feature,* ]] ||
            fail "librdkafka $version was built without $feature (it has $features): install the library that it needs with its headers"
    done
}

step "librdkafka $version: the source, from the npm package $package" fetch_source
step "librdkafka $version: build ($variant), once; kept in $cache" build_and_install
publish "$installed" "$folder"
