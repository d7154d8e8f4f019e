#!/usr/bin/env bash
# Runs a study on the bundled models and records its runs for resources/studies/results, where the window finds them at its first start.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
    cat <<'TEXT'
usage: packaging/make_study.sh [--build-dir DIR] [--threads N] [--work DIR] [--images N] [STUDY]

  STUDY            first-study when left out; rlcm study list names them
  --build-dir DIR  where rlcm was built (build/release)
  --threads N      processor cores (1)
  --work DIR       the workspace that is trained in; kept, and continued when it is there (build/studies/STUDY)
  --images N       record so many images of each run's first and last evaluation; all of all evaluations when left out

The record replaces resources/studies/results/STUDY. first-study takes about half an hour of one core.
TEXT
}

STUDY=first-study BUILD="$ROOT/build/release" THREADS=1 WORK= IMAGES=
while [ $# -gt 0 ]; do
    case "$1" in
        --build-dir) BUILD=$(realpath -m "${2:?--build-dir wants a folder}"); shift ;;
        --threads) THREADS=${2:?--threads wants a number}; shift ;;
        --work) WORK=$(realpath -m "${2:?--work wants a folder}"); shift ;;
        --images) IMAGES=${2:?--images wants a number}; shift ;;
        -h | --help) usage; exit 0 ;;
        -*) usage >&2; exit 2 ;;
        *) STUDY=$1 ;;
    esac
    shift
done
WORK=${WORK:-$ROOT/build/studies/$STUDY}
RECORD="$ROOT/resources/studies/results/$STUDY"

export RLCM_RESOURCES="$ROOT/resources"
rm -rf "$RECORD.new"
mkdir -p "$(dirname "$WORK")"
nice -n 19 "$BUILD/bin/rlcm" study run "$STUDY" --out "$WORK" --threads "$THREADS"
python3 -B "$ROOT/packaging/record_workspace.py" "$WORK" "$RECORD.new" ${IMAGES:+"$IMAGES"}
rm -rf "$RECORD"
mv "$RECORD.new" "$RECORD"
"$BUILD/bin/rlcm" study report "$STUDY" --out "$RECORD" --file "$WORK/$STUDY.html"
