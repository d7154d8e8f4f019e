#!/usr/bin/env bash
# From a clean clone to the window: installs what is missing, builds, starts. Without a display it trains the first study and
# leaves a screenshot.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/install.sh
. "$ROOT/packaging/install.sh"

usage() {
    cat <<'TEXT'
usage: packaging/start.sh [--headless] [--no-install] [--build-dir DIR] [--workspace DIR]

  --headless       train the first study without a window, even when there is a display
  --no-install     install nothing; fail when something is missing
  --build-dir DIR  build here instead of build/release
  --workspace DIR  where runs are kept (default: rlcm-workbench/workspace in the user's data folder)
TEXT
}

HEADLESS=0 INSTALL=1 BUILD="$ROOT/build/release" CHOSEN=
WORKSPACE="${XDG_DATA_HOME:-$HOME/.local/share}/rlcm-workbench/workspace"
while [ $# -gt 0 ]; do
    case "$1" in
        --headless) HEADLESS=1 ;;
        --no-install) INSTALL=0 ;;
        --build-dir) BUILD=$(realpath -m "${2:?--build-dir wants a folder}"); shift ;;
        --workspace) WORKSPACE=$(realpath -m "${2:?--workspace wants a folder}") CHOSEN=1; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

mkdir -p "$(dirname "$BUILD")"
[ "$INSTALL" -eq 0 ] || install_all
build_all -DRLCM_TESTS=OFF

if [ "$HEADLESS" -eq 0 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "Opening the window.${CHOSEN:+ Runs are kept in $WORKSPACE}"
    # Where nobody has chosen, the window opens what was open last, and recorded runs the first time.
    exec "$BUILD/bin/rlcm-workbench" ${CHOSEN:+--workspace "$WORKSPACE"}
fi

say "Training the first study (about two minutes on two processors). Runs are kept in $WORKSPACE"
"$BUILD/bin/rlcm" train --preset compress-gentle-rlcm-h4 --out "$WORKSPACE"
SCREENSHOT="$WORKSPACE/window.png"
QT_QPA_PLATFORM=offscreen "$BUILD/bin/rlcm-workbench" --workspace "$WORKSPACE" --screenshot "$SCREENSHOT"
say "A picture of the window with this study: $SCREENSHOT"
say "All runs: $BUILD/bin/rlcm runs $WORKSPACE"
