#!/usr/bin/env bash
# Prints what a program built here needs at run time, as `apt-get satisfy` takes it: "libc6 (>= 2.36), libcurl4 (>= 7.83.0), …".
#
#     setup/runtime_packages.sh PROGRAM
#
# Asked of the program itself, since the packages have other names in each release.
set -euo pipefail
program=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir debian
printf 'Source: candlewick\n\nPackage: candlewick\nArchitecture: any\n' >debian/control
dpkg-shlibdeps -O -e"$program" 2>/dev/null | sed -n 's/^shlibs:Depends=//p' | grep .
