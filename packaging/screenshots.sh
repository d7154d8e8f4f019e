#!/usr/bin/env bash
# Pictures of every page of the window on the recorded study, light and dark, and one of each page on a large screen, for packaging/screenshots.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'TEXT'
usage: packaging/screenshots.sh [--build-dir DIR] [--out DIR] [--size WxH] [--large WxH|none] [--scale FACTOR]

  --build-dir DIR   where rlcm-workbench was built (build/release)
  --out DIR         where the pictures go (packaging/screenshots)
  --size WxH        of the window, before scaling (1280x800)
  --large WxH       of the one on a large screen, in the light theme (1920x1200)
  --scale FACTOR    as on a screen with more pixels (1)

Needs no screen. With ImageMagick the pictures have 52 levels of each colour, which packs better.
TEXT
}

BUILD="$ROOT/build/release" OUT="$ROOT/packaging/screenshots" SIZE=1280x800 LARGE=1920x1200 SCALE=1
while [ $# -gt 0 ]; do
    case "$1" in
        --build-dir) BUILD=$(realpath -m "${2:?--build-dir wants a folder}"); shift ;;
        --out) OUT=$(realpath -m "${2:?--out wants a folder}"); shift ;;
        --size) SIZE=${2:?--size wants a size}; shift ;;
        --large) LARGE=${2:?--large wants a size}; shift ;;
        --scale) SCALE=${2:?--scale wants a number}; shift ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done

# Settings, models and folders of whoever runs this are not in the pictures, nor what is said of a record.
STAGE="${TMPDIR:-/tmp}/rlcm-workbench"
mkdir "$STAGE"
trap 'rm -rf "$STAGE"' EXIT
cp -r "$ROOT/resources/studies/results/first-study" "$STAGE/first-study"
rm "$STAGE/first-study/recorded"
ln -s "$ROOT/resources" "$STAGE/resources"
export RLCM_RESOURCES="$STAGE/resources" XDG_CONFIG_HOME="$STAGE/config" XDG_DATA_HOME="$STAGE/data" QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR="$SCALE"

# picture PAGE THEME SIZE FILE
picture() {
    "$BUILD/bin/rlcm-workbench" --workspace "$STAGE/first-study" --page "$1" --theme "$2" --size "$3" --screenshot "$4"
    if command -v convert > /dev/null; then
        convert "$4" -strip +dither -posterize 52 -define png:compression-level=9 -define png:compression-filter=5 "png24:$4.small"
        mv "$4.small" "$4"
    fi
}

mkdir -p "$OUT"
for PAGE in live compare horizons grid vote studies settings models report welcome; do
    for THEME in light dark; do
        picture "$PAGE" "$THEME" "$SIZE" "$OUT/$PAGE-$THEME.png"
    done
    if [ "$LARGE" != none ]; then
        picture "$PAGE" light "$LARGE" "$OUT/$PAGE-large.png"
    fi
done
du -ch "$OUT"/*.png | tail -n 1
