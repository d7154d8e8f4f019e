#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/install.sh
. "$ROOT/packaging/install.sh"

usage() {
    cat <<'TEXT'
usage: packaging/test.sh [--no-install] [--build-dir DIR] [-- CTEST_OPTION...]

  --no-install     install nothing; fail when something is missing
  --build-dir DIR  build here instead of build/release
  --               the rest goes to ctest, as: -- -R core.run
TEXT
}

INSTALL=1 BUILD="$ROOT/build/release"
while [ $# -gt 0 ]; do
    case "$1" in
        --no-install) INSTALL=0 ;;
        --build-dir) BUILD=$(realpath -m "${2:?--build-dir wants a folder}"); shift ;;
        -h | --help) usage; exit 0 ;;
        --) shift; break ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

mkdir -p "$(dirname "$BUILD")"
[ "$INSTALL" -eq 0 ] || { install_all; install_format; }
build_all -DRLCM_TESTS=ON

exec ctest --test-dir "$BUILD" --output-on-failure --no-tests=error -j "$(nproc)" "$@" </dev/null
