# Configures and builds one preset: sourced after common.sh and packages.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # root and jobs come from common.sh

# CMake reads these in a path as something else, and says so in thirty lines.
if [[ $root == *[\"\;\#\\\*\<\>\|]* || $root == *$'\n'* ]]; then
    fail "nothing can be built in $root: its path holds one of \" ; # \\ * < > | or a line break. Move or rename the folder"
fi

# build_preset NAME: librdkafka first (built once, then kept), then ours into build/NAME.
build_preset() {
    local preset=$1 variant=plain
    [[ $preset == tsan ]] && variant=thread
    "$root/setup/librdkafka.sh" $variant
    lock_build "$preset"
    step "build ($preset)" build_in_folder "$preset"
    exec 6>&-
}

# Two runs in one folder would build over each other. The lock goes with the run, however that ends. macOS has no flock.
lock_build() {
    mkdir -p "$root/build"
    exec 6>"$root/build/$1.lock"
    if command -v flock >/dev/null && ! flock -n 6; then
        say "==> another run builds in build/$1: waiting until it is done"
        flock 6
    fi
}

build_in_folder() {
    local made_for
    cd "$root" || return
    # A build folder knows the sources by their path: one of a folder that was moved or copied is another project's.
    made_for=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "build/$1/CMakeCache.txt" 2>/dev/null) || true
    if [[ -n $made_for && ! $made_for -ef $root ]]; then
        rm -rf "build/$1"
    fi
    # Ninja sees a change of every CMake file but this one: what a preset says counts when it is read.
    if [[ ! build/$1/build.ninja -nt CMakePresets.json ]]; then
        cmake --preset "$1"
    fi
    cmake --build --preset "$1" -j "$jobs"
}
